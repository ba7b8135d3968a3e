use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::{Draft, EventSink, Outcome, Place, SinkError, WireEvent};

/// Keeps events in memory, for tests. Clones share what they keep.
#[derive(Clone, Debug, Default)]
pub struct MemorySink {
    events: Arc<Mutex<Vec<WireEvent>>>,
}

impl MemorySink {
    /// The events delivered so far, in order.
    #[must_use]
    pub fn events(&self) -> Vec<WireEvent> {
        self.events
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[async_trait]
impl EventSink for MemorySink {
    fn prepare(&self, _drafts: &mut [Draft]) {}

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        let mut kept = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(events);
        events
            .iter()
            .map(|event| Ok(Outcome::delivered(event, Place::Noop)))
            .collect()
    }
}

impl fmt::Display for MemorySink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory")
    }
}
