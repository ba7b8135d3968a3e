use std::time::Duration;

/// The bounds of an [`Emitter`](super::Emitter). Numbers below one count as one.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// The most events in care at once, queued and in flight: 10,000.
    pub queue_events: usize,
    /// The most bytes in care at once, by estimate before sealing: 64 MiB. An event larger than
    /// that is accepted when nothing else is in care.
    pub queue_bytes: usize,
    /// The most events in a batch: 256.
    pub batch_events: usize,
    /// About the most bytes in a batch: 1 MiB. A larger event makes a batch of its own.
    pub batch_bytes: usize,
    /// The most batches in flight: 4.
    pub in_flight: usize,
    /// What happens when there is no room: wait 5 s.
    pub overflow: Overflow,
    /// How long an event waits for others to fill its batch: not at all. Batches grow under load
    /// by themselves, so waiting pays only where each batch costs a lot.
    pub linger: Duration,
}

/// What a full queue does to the next event. It is never dropped in silence.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Overflow {
    /// A call waits for room, this long at the most.
    Wait(Duration),
    /// Refuse at once.
    Refuse,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            queue_events: 10_000,
            queue_bytes: 64 << 20,
            batch_events: 256,
            batch_bytes: 1 << 20,
            in_flight: 4,
            overflow: Overflow::Wait(Duration::from_secs(5)),
            linger: Duration::ZERO,
        }
    }
}
