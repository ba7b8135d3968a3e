use std::fmt;
use std::sync::Arc;

use super::{Grant, Scope, Token, token};

/// A set of bearer tokens, each good for what its scopes say. Debug shows their number alone.
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
        self.0.retain(|entry| entry.token != token);
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
    #[must_use]
    pub fn hold(&self, token: &Token) -> bool {
        self.0.iter().any(|entry| entry.token == *token)
    }

    /// What the token `shown` allows; `None` where it is none of these. The time it takes depends
    /// on the number of tokens and not on where they differ.
    pub(super) fn grant(&self, shown: &[u8]) -> Option<Arc<Grant>> {
        let shown = token::digest(shown);
        self.0
            .iter()
            .fold(None, |found, entry| {
                let same = entry.token.has(&shown);
                if same { Some(&entry.grant) } else { found }
            })
            .cloned()
    }

    /// Whether one of these was granted just this.
    pub(super) fn gave(&self, grant: &Arc<Grant>) -> bool {
        self.0.iter().any(|entry| Arc::ptr_eq(&entry.grant, grant))
    }

    /// These tokens, where those that were in `before` and are good for the same are still the
    /// very same grant.
    pub(super) fn after(mut self, before: &Self) -> Self {
        for entry in &mut self.0 {
            let same = |old: &&Entry| old.token == entry.token && old.grant == entry.grant;
            if let Some(old) = before.0.iter().find(same) {
                entry.grant = Arc::clone(&old.grant);
            }
        }
        self
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({})", self.0.len())
    }
}
