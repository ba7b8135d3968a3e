use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::BreakerState;

/// How often the breaker's state became another, by what it became.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Transitions {
    /// Events are published again.
    pub connected: u64,
    /// Events wait for a probe or a connection.
    pub reconnecting: u64,
    /// Some events, or all, wait for an operator.
    pub config: u64,
}

/// The transitions while they are counted. What nobody looks at in between is not seen.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<(Option<&'static str>, Transitions)>);

impl Seen {
    /// The state is this now.
    pub(crate) fn note(&self, state: &BreakerState) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, counts) = &mut *seen;
        let before = last.replace(state.as_str());
        // What it begins with is no transition.
        if before.is_none_or(|before| before == state.as_str()) {
            return;
        }
        let count = match state {
            BreakerState::Connected => &mut counts.connected,
            BreakerState::Reconnecting { .. } => &mut counts.reconnecting,
            BreakerState::Config { .. } => &mut counts.config,
        };
        *count += 1;
    }

    pub(crate) fn counts(&self) -> Transitions {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Seen;
    use crate::BreakerState;

    #[test]
    fn each_change_counts_once_and_the_beginning_does_not() {
        let away = |attempt| BreakerState::Reconnecting {
            attempt,
            next_after: Duration::ZERO,
        };
        let wrong = || BreakerState::Config {
            reason: "no stream".to_owned(),
        };
        let seen = Seen::default();
        for state in [
            away(0),
            away(1),
            BreakerState::Connected,
            BreakerState::Connected,
            wrong(),
            away(0),
            BreakerState::Connected,
        ] {
            seen.note(&state);
        }
        let counts = seen.counts();
        assert_eq!(
            (counts.connected, counts.reconnecting, counts.config),
            (2, 1, 1)
        );
    }
}
