use std::time::{Duration, Instant};

use sink_jetstream::ConnectionState;
use streams::StreamReport;

/// What was found when the streams were last looked at.
#[derive(Clone, Debug)]
pub(crate) struct Looked {
    at: Instant,
    /// The connection it was found over.
    generation: u64,
    found: Vec<StreamReport>,
}

impl Looked {
    /// What was found just now, over the connection of this `generation`.
    pub(super) fn now(found: Vec<StreamReport>, generation: u64) -> Self {
        Self {
            at: Instant::now(),
            generation,
            found,
        }
    }

    /// The streams, in the topology's order.
    pub(crate) fn found(&self) -> &[StreamReport] {
        &self.found
    }

    /// How long ago that was.
    pub(crate) fn age(&self) -> Duration {
        self.at.elapsed()
    }

    /// Whether it may be told as how the streams are: there is still the same connection, and it
    /// is not longer ago than two looks are apart.
    pub(super) fn is_present(&self, state: &ConnectionState) -> bool {
        state.connected
            && state.generation == self.generation
            && self.age() < 2 * super::care::EVERY
    }
}
