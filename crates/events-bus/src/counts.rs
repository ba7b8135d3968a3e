use std::sync::atomic::{AtomicU64, Ordering};

/// What a bus did since it was made. Counted in events, but for what says otherwise.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Counts {
    /// Subscriptions there are now.
    pub subscriptions: usize,
    /// Events that came to the bus while somebody subscribed to anything.
    pub published: u64,
    /// Deliveries into subscribers' queues: an event counts for each.
    pub delivered: u64,
    /// Deliveries that made the oldest in the queue go.
    pub dropped_oldest: u64,
    /// Deliveries that were waited for in vain, or not any more.
    pub dropped_late: u64,
    /// Subscriptions that were disconnected because they lagged.
    pub disconnected: u64,
    /// Calls of handlers that panicked.
    pub panicked: u64,
    /// Events that have no subject by the routes, so that nobody could be told.
    pub unroutable: u64,
    /// Times that a feed broke off and events may have been missed.
    pub breaks: u64,
    /// Messages of a feed that are no sealed events.
    pub undecodable: u64,
    /// Events of a feed that came on another subject than theirs by the routes, heard by nobody.
    pub misplaced: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) published: Counter,
    pub(crate) delivered: Counter,
    pub(crate) dropped_oldest: Counter,
    pub(crate) dropped_late: Counter,
    pub(crate) disconnected: Counter,
    pub(crate) panicked: Counter,
    pub(crate) unroutable: Counter,
    pub(crate) breaks: Counter,
    pub(crate) undecodable: Counter,
    pub(crate) misplaced: Counter,
}

impl Counters {
    pub(crate) fn read(&self, subscriptions: usize) -> Counts {
        Counts {
            subscriptions,
            published: self.published.value(),
            delivered: self.delivered.value(),
            dropped_oldest: self.dropped_oldest.value(),
            dropped_late: self.dropped_late.value(),
            disconnected: self.disconnected.value(),
            panicked: self.panicked.value(),
            unroutable: self.unroutable.value(),
            breaks: self.breaks.value(),
            undecodable: self.undecodable.value(),
            misplaced: self.misplaced.value(),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, events: u64) {
        if events > 0 {
            self.0.fetch_add(events, Ordering::Relaxed);
        }
    }

    /// Adds one, and says whether this is one to be logged: the first, the second, the fourth and
    /// so on, so that a flood of them is no flood of lines.
    pub(crate) fn note(&self) -> bool {
        let before = self.0.fetch_add(1, Ordering::Relaxed);
        (before + 1).is_power_of_two()
    }

    fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
