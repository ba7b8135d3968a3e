use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::Instant;

use crate::quiet::Quiet;

/// What became of the events that were selected, since the sink was made.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Events written.
    pub created: u64,
    /// Events counted into the series of an earlier one.
    pub repeated: u64,
    /// Events that came again, of which Kubernetes had been told.
    pub known: u64,
    /// Updates of series written.
    pub updated: u64,
    /// Requests that failed, tried again or not.
    pub failures: u64,
    /// Events that Kubernetes is never told of, in the order of [`Dropped::ALL`].
    pub dropped: [u64; 5],
}

/// Why Kubernetes is not told of a selected event.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Dropped {
    /// Too many wait for the API.
    QueueFull,
    /// Too many about that object.
    Limited,
    /// The API refused it for good.
    Refused,
    /// The API did not answer, or not now.
    Unavailable,
    /// The sink was dropped while it waited.
    Closed,
}

impl Counts {
    /// How many were dropped for that reason.
    #[must_use]
    pub fn dropped_for(&self, why: Dropped) -> u64 {
        let pairs = Dropped::ALL.iter().zip(self.dropped);
        pairs
            .filter(|(reason, _)| **reason == why)
            .map(|(_, count)| count)
            .sum()
    }
}

impl Dropped {
    /// All reasons.
    pub const ALL: [Self; 5] = [
        Self::QueueFull,
        Self::Limited,
        Self::Refused,
        Self::Unavailable,
        Self::Closed,
    ];

    /// The reason as a lower-case word, for logs and labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "queue-full",
            Self::Limited => "limited",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
            Self::Closed => "closed",
        }
    }
}

/// The counts as they grow, and the one voice of the sink, which speaks once a minute.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    created: AtomicU64,
    repeated: AtomicU64,
    known: AtomicU64,
    updated: AtomicU64,
    failures: AtomicU64,
    dropped: [AtomicU64; 5],
    quiet: Mutex<Quiet>,
}

impl Tally {
    pub(crate) fn created(&self) {
        self.created.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn repeated(&self) {
        self.repeated.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn known(&self) {
        self.known.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn updated(&self) {
        self.updated.fetch_add(1, Ordering::Relaxed);
    }

    /// A request failed, as `what` says.
    pub(crate) fn failed(&self, what: &str) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        if self.speaks() {
            tracing::warn!(reason = what, "Kubernetes takes no Event now");
        }
    }

    pub(crate) fn dropped(&self, why: Dropped, events: u64) {
        let mut pairs = Dropped::ALL.iter().zip(&self.dropped);
        if let Some((_, count)) = pairs.find(|(reason, _)| **reason == why) {
            count.fetch_add(events, Ordering::Relaxed);
        }
        if events > 0 && self.speaks() {
            let dropped = self.now().dropped.iter().sum::<u64>();
            let reason = why.as_str();
            tracing::warn!(reason, dropped, "Kubernetes is not told of every event");
        }
    }

    pub(crate) fn now(&self) -> Counts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts {
            created: read(&self.created),
            repeated: read(&self.repeated),
            known: read(&self.known),
            updated: read(&self.updated),
            failures: read(&self.failures),
            dropped: self.dropped.each_ref().map(read),
        }
    }

    fn speaks(&self) -> bool {
        let quiet = self.quiet.lock();
        quiet.is_ok_and(|mut quiet| quiet.speaks(Instant::now().into_std()))
    }
}
