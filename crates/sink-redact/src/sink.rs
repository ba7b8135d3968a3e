use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use events_core::{
    Draft, EventSink, Extension, ExtensionName, Outcome, SinkError, WireEvent, each,
};

use crate::Redactor;

/// Removes secrets in `prepare`, before anything of an event leaves the process.
///
/// Sets the extension attribute `redactpolicy` to the [`policy`](Redactor::policy). Goes inside
/// the signer: `sign(redact(…))` signs what is left, `redact(sign(…))` would break what was
/// signed.
#[derive(Debug)]
pub struct RedactSink<S> {
    inner: S,
    redactor: Arc<Redactor>,
}

impl<S> RedactSink<S> {
    /// Wraps `inner`.
    #[must_use]
    pub fn new(inner: S, redactor: Arc<Redactor>) -> Self {
        Self { inner, redactor }
    }
}

impl<S: fmt::Display> fmt::Display for RedactSink<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "redact({})", self.inner)
    }
}

#[async_trait]
impl<S: EventSink> EventSink for RedactSink<S> {
    fn prepare(&self, drafts: &mut [Draft]) {
        self.inner.prepare(drafts);
        let in_force = self.redactor.in_force();
        each(drafts, |event| {
            self.redactor.redact_by(&in_force, event)?;
            let policy = Extension::String(in_force.policy.as_str().into());
            event.set_extension(ExtensionName::from_static("redactpolicy"), policy);
            Ok(())
        });
    }

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        self.inner.deliver(events).await
    }
}
