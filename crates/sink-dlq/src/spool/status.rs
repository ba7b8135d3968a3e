use std::time::Duration;

/// How a spool stands.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Status {
    /// The waiting area.
    pub waiting: AreaStatus,
    /// The set-aside area.
    pub set_aside: AreaStatus,
    /// The dead area.
    pub dead: AreaStatus,
    /// Bytes of all segments.
    pub bytes: u64,
    /// What was found damaged.
    pub quarantine: QuarantineStatus,
    /// Records in the last group that was written with one fsync a file.
    pub last_group: usize,
    /// Whether events that cannot be delivered now are taken: the waiting area's state, unless the
    /// whole spool takes nothing.
    pub state: State,
}

impl Status {
    /// Time since the first failure of the oldest record, in whichever area it is.
    #[must_use]
    pub fn oldest_age(&self) -> Option<Duration> {
        let areas = [&self.waiting, &self.set_aside, &self.dead];
        areas.into_iter().filter_map(|area| area.oldest_age).max()
    }
}

/// How an area stands.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AreaStatus {
    /// Records in it.
    pub records: usize,
    /// Time since the first failure of its oldest record.
    pub oldest_age: Option<Duration>,
    /// Bytes of its segments, which is what its bound counts: they go whole, once nothing in
    /// them is needed.
    pub bytes: u64,
    /// Whether it took what it was last to take.
    pub state: State,
}

/// What was found damaged, in this run and before, as far as it is kept.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct QuarantineStatus {
    /// Damaged ranges kept.
    pub ranges: usize,
    /// Bytes of them.
    pub bytes: u64,
    /// Ranges found by this run that could not be kept, for want of room or by a failing disk.
    pub not_kept: usize,
    /// Records lost to damage that this run found while reading.
    pub records: usize,
}

/// Whether a spool, or an area of it, takes events.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum State {
    /// As far as it knows.
    #[default]
    Ok,
    /// It refused the last events, and tries again with the next.
    Failed {
        /// Why, in words for an operator. No event's data.
        reason: String,
    },
    /// It was closed, or its writer is gone.
    Closed,
}
