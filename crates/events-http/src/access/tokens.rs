use std::fmt;
use std::sync::Arc;

use super::{Grant, Scope, Token, token};

/// A set of bearer tokens, each good for what its scopes say. Debug shows their number alone.
///
/// Parsed from lines of `<token> <scope>[,<scope>…]`, where the token may be given as
/// `sha256:<hex>` of it; see [`Scope`] for the scopes. Empty lines and lines that begin with `#`
/// count for nothing.
#[derive(Clone, Default)]
pub struct Tokens(Vec<Entry>);

#[derive(Clone)]
struct Entry {
    token: Token,
    grant: Arc<Grant>,
}

impl Tokens {
    /// Adds a token. Where it is there already, it is good for these scopes alone from now on.
    pub fn add(&mut self, token: Token, scopes: impl IntoIterator<Item = Scope>) {
        self.0.push(Entry {
            token,
            grant: Arc::new(Grant::new(scopes)),
        });
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether `token` is among them.
    pub(super) fn hold(&self, token: &Token) -> bool {
        self.0.iter().any(|entry| entry.token == *token)
    }

    /// What the token `shown` allows; `None` where it is none of these. The time it takes depends
    /// on the number of tokens and not on where they differ.
    pub(crate) fn grant(&self, shown: &[u8]) -> Option<Arc<Grant>> {
        let shown = token::digest(shown);
        self.0
            .iter()
            .fold(None, |found, entry| {
                let same = entry.token.has(&shown);
                if same { Some(&entry.grant) } else { found }
            })
            .cloned()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({})", self.0.len())
    }
}
