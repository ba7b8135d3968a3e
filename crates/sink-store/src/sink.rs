use std::fmt;

use async_trait::async_trait;
use events_core::{Draft, EventSink, Outcome, SinkError, WireEvent};

use crate::Store;

/// A sink that ends in a [`Store`]: prepares nothing, and delivers by storing a row.
#[derive(Clone, Debug)]
pub struct StoreSink {
    store: Store,
}

impl StoreSink {
    /// A sink over an open store. Keep a clone of the store to close it.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// The store it delivers to.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }
}

#[async_trait]
impl EventSink for StoreSink {
    fn prepare(&self, _drafts: &mut [Draft]) {}

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        self.store.append(events).await
    }
}

impl fmt::Display for StoreSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("store")
    }
}
