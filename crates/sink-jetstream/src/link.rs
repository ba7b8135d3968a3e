use std::sync::Arc;

/// What is known of the connection to the broker. A clone is a few reference counts.
#[derive(Clone, Debug)]
pub struct Link {
    /// Whether there is a connection.
    pub state: LinkState,
    /// Another number for each connection, so that a new one is told from the last.
    pub generation: u64,
    /// The largest message the server takes, headers included, in bytes, once it is known.
    pub max_payload: Option<usize>,
    /// Where the server was reached, without credentials.
    pub server: Option<Arc<str>>,
    /// The server's version.
    pub version: Option<Arc<str>>,
}

/// Whether there is a connection, and why not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LinkState {
    /// There is one.
    Up,
    /// The broker is away: it may come back by itself.
    Down {
        /// Why, in words for an operator.
        reason: Arc<str>,
    },
    /// The broker is there and lets nobody in: an operator has to change something.
    Refused {
        /// Why, in words for an operator.
        reason: Arc<str>,
    },
}

impl Link {
    /// A connection about which nothing else is known.
    #[must_use]
    pub fn up(generation: u64) -> Self {
        Self::new(LinkState::Up, generation)
    }

    /// No connection, since the one of this number was lost.
    #[must_use]
    pub fn down(generation: u64, reason: &str) -> Self {
        let reason = reason.into();
        Self::new(LinkState::Down { reason }, generation)
    }

    /// Whether there is a connection.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.state == LinkState::Up
    }

    fn new(state: LinkState, generation: u64) -> Self {
        Self {
            state,
            generation,
            max_payload: None,
            server: None,
            version: None,
        }
    }
}
