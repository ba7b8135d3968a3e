use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::{Counts, Transitions};

/// How the sink is doing.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// The breaker.
    pub breaker: BreakerState,
    /// The connection.
    pub nats: NatsStatus,
    /// How many publishes are unanswered.
    pub in_flight: usize,
    /// What happened since the sink was made.
    pub counters: Counts,
    /// How often the breaker's state became another, as far as anybody delivered or looked.
    pub transitions: Transitions,
    /// How many times a connection was made.
    pub connections: u64,
    /// What an operator has to change.
    pub faults: Vec<Fault>,
}

/// The connection to the broker.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct NatsStatus {
    /// Whether there is one.
    pub connected: bool,
    /// Where the server was reached.
    pub server: Option<String>,
    /// The server's version.
    pub version: Option<String>,
}

/// What keeps the events of one subject from being stored.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Fault {
    /// The subject.
    pub subject: String,
    /// What is wrong, with the remedy.
    pub reason: String,
}

/// The breaker, as operators see it.
///
/// Serialises as one flat object: `state`, `attempt`, `next_probe_ms` and `reason`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BreakerState {
    /// Events are published.
    Connected,
    /// Events are not published until a probe succeeds.
    Reconnecting {
        /// How many probes have failed.
        attempt: u32,
        /// How long until the next one.
        next_after: Duration,
    },
    /// Some events, or all, wait for an operator.
    Config {
        /// What is wrong, with the remedy.
        reason: String,
    },
}

impl BreakerState {
    /// The state as one lower-case word.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Reconnecting { .. } => "reconnecting",
            Self::Config { .. } => "config",
        }
    }
}

impl Serialize for BreakerState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (attempt, next_after, reason) = match self {
            Self::Connected => (0, Duration::ZERO, None),
            Self::Reconnecting {
                attempt,
                next_after,
            } => (*attempt, *next_after, None),
            Self::Config { reason } => (0, Duration::ZERO, Some(reason.as_str())),
        };
        let flat = Flat {
            state: self.as_str(),
            attempt,
            next_probe_ms: next_after.as_millis().try_into().unwrap_or(u64::MAX),
            reason,
        };
        flat.serialize(serializer)
    }
}

#[derive(Serialize)]
struct Flat<'a> {
    state: &'static str,
    attempt: u32,
    next_probe_ms: u64,
    reason: Option<&'a str>,
}
