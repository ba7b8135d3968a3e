use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use events_core::{Draft, EventSink, Outcome, SinkError, WireEvent};

use crate::Signer;

/// Numbers and signs everything that goes to the sink inside.
///
/// Stands outside whatever changes events, `sign(redact(…))`: what is changed after signing no
/// longer verifies.
#[derive(Debug)]
pub struct SignSink<S> {
    inner: S,
    signer: Arc<Signer>,
}

impl<S: EventSink> SignSink<S> {
    /// Signs with `signer` in front of `inner`.
    #[must_use]
    pub fn new(inner: S, signer: Arc<Signer>) -> Self {
        Self { inner, signer }
    }
}

#[async_trait]
impl<S: EventSink> EventSink for SignSink<S> {
    fn prepare(&self, drafts: &mut [Draft]) {
        self.inner.prepare(drafts);
        self.signer.sign(drafts);
    }

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        self.inner.deliver(events).await
    }
}

impl<S: fmt::Display> fmt::Display for SignSink<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sign({})", self.inner)
    }
}
