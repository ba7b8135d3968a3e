use std::time::Duration;

/// What a [`Store`](crate::Store) may use.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Config {
    /// Length, in bytes, of the longest sealed event taken.
    pub max_event_bytes: usize,
    /// Bytes of events that may wait for the writer, an event counted as 4 KiB at least; so with
    /// 16 MiB at most 4,096 events wait. More wait outside, in the order they came. One transaction
    /// holds no more than this.
    pub queue_bytes: usize,
    /// How long a caller waits, for room and for the database together.
    pub deadline: Duration,
    /// How many pages of history may be read at once, one at least. As many connections are kept for
    /// them; who comes late waits.
    pub readers: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_event_bytes: 1 << 20,
            queue_bytes: 16 << 20,
            deadline: Duration::from_secs(10),
            readers: 4,
        }
    }
}
