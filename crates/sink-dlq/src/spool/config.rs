use std::time::Duration;

/// What a [`Spool`](super::Spool) may use, in bytes, records and time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Config {
    /// Bytes of the waiting area's segments past which events are refused. Nothing is evicted.
    pub max_bytes: u64,
    /// The same for the set-aside and the dead area, for each alone.
    pub kept_bytes: u64,
    /// Length, in bytes, past which a segment is closed and the next one begun. No more than a
    /// quarter of its area's bytes and 256 MiB are used. A segment is longer only where its one
    /// record is.
    pub segment_bytes: u64,
    /// Bytes of the file system left free for others; 0 uses it up.
    pub reserve_bytes: u64,
    /// Bytes of damaged ranges kept for whoever looks into them. Past it the oldest stay.
    pub quarantine_bytes: u64,
    /// Length, in bytes, of the longest event taken, in its sealed form. At most 16 MiB.
    pub max_event_bytes: usize,
    /// Bytes that may wait for the writer. More wait outside, in the order they came.
    pub queue_bytes: usize,
    /// How long a caller waits, for room and for the disk together; at most a day.
    pub deadline: Duration,
    /// Ids of new records are above this, so that spools that are shown together share none.
    pub ids_after: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_bytes: 1 << 30,
            kept_bytes: 256 << 20,
            segment_bytes: 64 << 20,
            reserve_bytes: 256 << 20,
            quarantine_bytes: 64 << 20,
            max_event_bytes: 1 << 20,
            queue_bytes: 16 << 20,
            deadline: Duration::from_secs(10),
            ids_after: 0,
        }
    }
}
