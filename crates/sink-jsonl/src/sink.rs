use std::fmt;

use async_trait::async_trait;
use events_core::{Draft, EventSink, Outcome, SinkError, WireEvent};

use crate::Journal;

/// A sink that ends in a [`Journal`]: prepares nothing, and delivers by appending.
#[derive(Clone, Debug)]
pub struct JsonlSink {
    journal: Journal,
}

impl JsonlSink {
    /// A sink over an open journal. Keep a clone of the journal to ask for its status.
    #[must_use]
    pub fn new(journal: Journal) -> Self {
        Self { journal }
    }

    /// The journal it delivers to.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.journal
    }
}

#[async_trait]
impl EventSink for JsonlSink {
    fn prepare(&self, _drafts: &mut [Draft]) {}

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        self.journal.append(events).await
    }
}

impl fmt::Display for JsonlSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("journal")
    }
}
