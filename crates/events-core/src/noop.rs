use std::fmt;

use async_trait::async_trait;

use crate::{Draft, EventSink, Outcome, Place, SinkError, WireEvent};

/// Accepts every event and keeps none. For explicit opt-in alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoopSink;

#[async_trait]
impl EventSink for NoopSink {
    fn prepare(&self, _drafts: &mut [Draft]) {}

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        events
            .iter()
            .map(|event| Ok(Outcome::delivered(event, Place::Noop)))
            .collect()
    }
}

impl fmt::Display for NoopSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("noop")
    }
}
