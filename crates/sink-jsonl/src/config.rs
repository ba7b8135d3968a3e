use std::time::Duration;

/// What a [`Journal`](crate::Journal) may use, in bytes, events and time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Config {
    /// Length, in bytes, past which a segment is closed and the next one begun. A segment is
    /// longer only where its one event is.
    pub segment_bytes: u64,
    /// Age past which a segment is closed, counted from its making.
    pub segment_age: Duration,
    /// Bytes of all segments together past which the oldest closed ones go. The open segment
    /// never goes, so a bound below `segment_bytes` cannot hold.
    pub max_bytes: u64,
    /// Age past which closed segments go, counted from the last event written to each.
    pub max_age: Duration,
    /// Length, in bytes, of the longest event taken. Measured on the sealed form, which is longer
    /// than what a host handed over by its signature, so leave it room.
    pub max_event_bytes: usize,
    /// Events that may wait for the writer. More wait outside, in the order they came.
    pub queue_events: usize,
    /// Bytes of events that may wait for the writer.
    pub queue_bytes: usize,
    /// How long a caller waits, for room and for the disk together; at most a day.
    pub deadline: Duration,
    /// Bytes of the file system left free for others; 0 uses it up.
    pub reserve_bytes: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 20,
            segment_age: Duration::from_secs(24 * 60 * 60),
            max_bytes: 10 << 30,
            max_age: Duration::from_secs(90 * 24 * 60 * 60),
            max_event_bytes: 1 << 20,
            queue_events: 4096,
            queue_bytes: 16 << 20,
            deadline: Duration::from_secs(10),
            reserve_bytes: 16 << 20,
        }
    }
}
