use std::time::Duration;

/// How a journal stands.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Status {
    /// Segments kept, the open one included.
    pub segments: usize,
    /// Bytes in them.
    pub bytes: u64,
    /// Time since the oldest of them was begun.
    pub oldest_age: Option<Duration>,
    /// Events that wait for the writer.
    pub queued_events: usize,
    /// Bytes of those.
    pub queued_bytes: usize,
    /// Events in the last group that was written with one fsync.
    pub last_group: usize,
    /// Whether the last attempt to write succeeded.
    pub state: State,
}

/// Whether a journal takes events.
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
