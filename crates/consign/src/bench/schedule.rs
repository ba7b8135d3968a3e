use std::num::NonZeroU64;
use std::ops::Range;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use supervisor::exit::{Exit, Failure};
use tokio::sync::Semaphore;

/// Which events go together, and when they are due.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    pub(super) events: u64,
    pub(super) batch: u64,
    /// Events a second; flat out without.
    pub(super) rate: Option<NonZeroU64>,
}

impl Schedule {
    pub(super) fn batches(&self) -> u64 {
        self.events.div_ceil(self.batch.max(1))
    }

    /// The events of a batch, by their numbers.
    pub(super) fn events_of(&self, batch: u64) -> Range<u64> {
        let begin = (batch * self.batch).min(self.events);
        begin..(begin + self.batch).min(self.events)
    }

    /// When a batch is due after the begin. It follows from its place alone, so that no delay
    /// moves what comes after it. `None` where it is due as soon as there is room.
    pub(super) fn due(&self, batch: u64) -> Option<Duration> {
        let nanos =
            u128::from(batch) * u128::from(self.batch) * NANOS / u128::from(self.rate?.get());
        Some(Duration::from_nanos(
            u64::try_from(nanos).unwrap_or(u64::MAX),
        ))
    }

    /// Opens a gate once for each batch as it comes due, from a thread of its own: a runtime's
    /// clock ticks in milliseconds. Open from the begin where nothing is ever due.
    pub(super) fn gate(self, begin: Instant) -> Result<Arc<Semaphore>, Failure> {
        if self.rate.is_none() {
            let all = usize::try_from(self.batches()).unwrap_or(Semaphore::MAX_PERMITS);
            return Ok(Arc::new(Semaphore::new(all)));
        }
        let gate = Arc::new(Semaphore::new(0));
        let shared = Arc::clone(&gate);
        let run = move || {
            for due in (0..self.batches()).filter_map(|batch| self.due(batch)) {
                wait_until(begin + due);
                if Arc::strong_count(&shared) == 1 {
                    return;
                }
                shared.add_permits(1);
            }
        };
        let started = thread::Builder::new().name("pace".to_owned()).spawn(run);
        started.map_err(|error| Failure::new(Exit::Failed, "start a thread").because(error))?;
        Ok(gate)
    }
}

fn wait_until(due: Instant) {
    while let Some(left) = due.checked_duration_since(Instant::now())
        && !left.is_zero()
    {
        // It may end early, for no reason.
        thread::park_timeout(left);
    }
}

const NANOS: u128 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;
    use std::time::Duration;

    use super::Schedule;

    #[test]
    fn a_batch_is_due_by_its_place_and_all_events_have_theirs() {
        let schedule = Schedule {
            events: 10,
            batch: 4,
            rate: NonZeroU64::new(3),
        };
        let ranges: Vec<_> = (0..schedule.batches())
            .map(|batch| schedule.events_of(batch))
            .collect();
        assert_eq!(ranges, [0..4, 4..8, 8..10]);
        assert_eq!(schedule.due(0), Some(Duration::ZERO));
        assert_eq!(schedule.due(1), Some(Duration::from_nanos(1_333_333_333)));
        // A rate that does not divide a second does not drift either.
        let hour = 3600 * 3 / 4;
        assert_eq!(schedule.due(hour), Some(Duration::from_secs(3600)));
        let flat_out = Schedule {
            rate: None,
            ..schedule
        };
        assert_eq!(flat_out.due(1), None);
    }
}
