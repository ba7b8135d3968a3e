use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// When each event was due. Whoever sends writes it down before; whoever receives counts from
/// there, so that what waited to be sent is late by that as well (coordinated omission).
#[derive(Debug)]
pub(super) struct Dues {
    epoch: Instant,
    /// Nanoseconds after the epoch, [`NEVER`] for what was not sent.
    nanos: Box<[AtomicU64]>,
}

impl Dues {
    /// For so many events, none of which was sent.
    pub(super) fn new(events: usize) -> Self {
        Self {
            epoch: Instant::now(),
            nanos: std::iter::repeat_with(|| AtomicU64::new(NEVER))
                .take(events)
                .collect(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.nanos.len()
    }

    pub(super) fn set(&self, event: usize, due: Instant) {
        if let Some(place) = self.nanos.get(event) {
            let nanos = due.saturating_duration_since(self.epoch).as_nanos();
            place.store(u64::try_from(nanos).unwrap_or(NEVER), Ordering::Release);
        }
    }

    /// How long after it was due `at` is. `None` for what was not sent.
    pub(super) fn latency(&self, event: usize, at: Instant) -> Option<Duration> {
        match self.nanos.get(event)?.load(Ordering::Acquire) {
            NEVER => None,
            nanos => {
                let due = self.epoch + Duration::from_nanos(nanos);
                Some(at.saturating_duration_since(due))
            }
        }
    }
}

const NEVER: u64 = u64::MAX;
