use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use events_core::{Draft, EventSink, Outcome, SinkError, WireEvent};

use crate::core::Core;
use crate::{Config, Dlq, Spool};

/// Keeps in a [`Spool`] what the sink inside cannot deliver now, and delivers it later.
///
/// `deliver` hands the events to the inner sink in one call, in order. What it does not take is
/// appended to the spool and answered with `Spilled`; `Invalid` is answered as it is. While
/// records of a subject wait in the spool, new events of it are appended behind them without
/// being tried, up to [`Config::order_bound`].
///
/// When the spool does not take an event either, the caller gets the original error's kind, with a
/// [`NotSpilled`](crate::NotSpilled) behind it; `Rejected`, when the event is longer than the spool
/// takes.
///
/// # Cancel safety
/// Of a `deliver` that is dropped each event is delivered, spooled or neither, and which of them
/// is unknown. Nothing is torn, and no other delivery is held up.
#[derive(Debug)]
pub struct DlqSink<S> {
    inner: Arc<S>,
    dlq: Dlq,
}

impl<S: EventSink> DlqSink<S> {
    /// Spills what `inner` cannot deliver into `spool`. Starts nothing: see [`start`](Self::start).
    #[must_use]
    pub fn new(inner: S, spool: Spool, config: Config) -> Self {
        let inner = Arc::new(inner);
        let erased: Arc<dyn EventSink> = Arc::<S>::clone(&inner);
        let dlq = Dlq::new(Core::new(erased, spool, config));
        Self { inner, dlq }
    }

    /// Starts to redrive in the background, unless it is to be done [by
    /// hand](crate::Redrive::Manual). Beside it, tells the signer which numbers no stream has.
    /// Starting twice changes nothing.
    ///
    /// It ends when the handle is closed, or when the sink and all handles are dropped.
    ///
    /// # Panics
    /// Outside a Tokio runtime with time enabled.
    pub fn start(&self) {
        self.dlq.start();
    }

    /// The operators' handle on the same spool.
    #[must_use]
    pub fn handle(&self) -> Dlq {
        self.dlq.clone()
    }
}

#[async_trait]
impl<S: EventSink> EventSink for DlqSink<S> {
    fn prepare(&self, drafts: &mut [Draft]) {
        self.inner.prepare(drafts);
    }

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        self.dlq.core().deliver(events).await
    }
}

impl<S: fmt::Display> fmt::Display for DlqSink<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dlq({})", self.inner)
    }
}
