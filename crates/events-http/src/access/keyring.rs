use std::sync::Arc;

use tokio::sync::watch;

use super::{Grant, Tokens};

/// The tokens of a running [`Server`](crate::Server), to be exchanged while it serves.
#[derive(Clone, Debug)]
pub struct Keyring {
    tokens: watch::Sender<Tokens>,
    /// Whether anybody may do anything while there is no token.
    open: bool,
}

impl Keyring {
    /// Those a server begins with. One that begins with tokens is never open to everybody.
    pub(crate) fn new(tokens: Tokens) -> Self {
        Self {
            open: tokens.is_empty(),
            tokens: watch::Sender::new(tokens),
        }
    }

    /// Has these tokens count from the next request on, and no other. Live tails go on for those
    /// whose token is still good for the same, and end for all others.
    ///
    /// A server that began with tokens answers nobody once there are none.
    pub fn replace(&self, tokens: Tokens) {
        self.tokens
            .send_modify(|now| *now = tokens.after(&std::mem::take(now)));
    }

    /// Whether no token is asked for.
    pub(crate) fn is_open(&self) -> bool {
        self.open && self.tokens.borrow().is_empty()
    }

    /// What the token `shown` allows; `None` where it is none of these.
    pub(crate) fn grant(&self, shown: &[u8]) -> Option<Arc<Grant>> {
        self.tokens.borrow().grant(shown)
    }

    /// Completes when what was granted is no longer.
    pub(crate) async fn revoked(&self, grant: &Arc<Grant>) {
        let open = self.open;
        let gone = |tokens: &Tokens| !(tokens.gave(grant) || (open && tokens.is_empty()));
        // The sender is here, so this waits and does not fail.
        drop(self.tokens.subscribe().wait_for(gone).await);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::super::Need;
    use super::{Keyring, Tokens};

    fn tokens(list: &[(&str, &str)]) -> Tokens {
        let mut tokens = Tokens::default();
        for (token, scopes) in list {
            let scopes = scopes.split(',').map(|scope| scope.parse().unwrap());
            tokens.add(token.parse().unwrap(), scopes);
        }
        tokens
    }

    #[test]
    fn a_token_that_is_added_again_is_good_for_the_new_scopes_alone() {
        let tokens = tokens(&[("a", "admin"), ("b", "tail"), ("a", "metrics")]);
        let grant = tokens.grant(b"a").unwrap();
        assert!(grant.allows(Need::Metrics) && !grant.allows(Need::Admin));
        assert_eq!(tokens.len(), 2);
    }

    #[tokio::test]
    async fn only_those_whose_token_changed_are_revoked() {
        let keyring = Keyring::new(tokens(&[("a", "tail:acme"), ("b", "tail"), ("c", "tail")]));
        let [a, b, c] = ["a", "b", "c"].map(|token| keyring.grant(token.as_bytes()).unwrap());
        keyring.replace(tokens(&[("b", "tail:acme"), ("a", "tail:acme")]));
        timeout(Duration::from_secs(5), async {
            keyring.revoked(&b).await;
            keyring.revoked(&c).await;
        })
        .await
        .unwrap();
        assert!(futures::poll!(Box::pin(keyring.revoked(&a))).is_pending());
        assert!(keyring.grant(b"c").is_none());
    }

    #[test]
    fn who_began_with_tokens_is_never_open() {
        let guarded = Keyring::new(tokens(&[("a", "admin")]));
        guarded.replace(Tokens::default());
        assert!(!guarded.is_open() && guarded.grant(b"a").is_none());
        let open = Keyring::new(Tokens::default());
        assert!(open.is_open());
        open.replace(tokens(&[("a", "admin")]));
        assert!(!open.is_open());
    }
}
