use std::time::{Duration, Instant};

use events_core::Backoff;

use crate::StoreError;

/// Remembers that the server was away, so that not every caller has to find out for itself.
#[derive(Debug, Default)]
pub(super) struct Hold {
    failures: u32,
    until: Option<(Instant, StoreError)>,
}

impl Hold {
    /// Why nothing is tried yet, if it is not.
    pub(super) fn refusal(&self, now: Instant) -> Option<StoreError> {
        let (until, error) = self.until.as_ref()?;
        (now < *until).then(|| error.clone())
    }

    /// The server could not be used. The more often in a row, the longer it is left alone.
    pub(super) fn failed(&mut self, error: StoreError, now: Instant) {
        self.until = Some((now + PAUSES.bound(self.failures), error));
        self.failures = self.failures.saturating_add(1);
    }

    /// The server answered.
    pub(super) fn lift(&mut self) {
        *self = Self::default();
    }
}

/// A server that is back is used again within a second.
const PAUSES: Backoff = Backoff {
    base: Duration::from_millis(25),
    max: Duration::from_secs(1),
};

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Hold;
    use crate::StoreError;

    #[test]
    fn the_pause_grows_to_a_second_and_an_answer_ends_it() {
        let start = Instant::now();
        let mut hold = Hold::default();
        assert_eq!(hold.refusal(start), None);
        for (failures, pause) in [(1, 25), (2, 50), (9, 1000), (40, 1000)] {
            hold.lift();
            for _ in 0..failures {
                hold.failed(StoreError::Closed, start);
            }
            let before = start + Duration::from_millis(pause - 1);
            assert_eq!(hold.refusal(before), Some(StoreError::Closed));
            assert_eq!(hold.refusal(start + Duration::from_millis(pause)), None);
        }
        hold.lift();
        assert_eq!(hold.refusal(start), None);
    }
}
