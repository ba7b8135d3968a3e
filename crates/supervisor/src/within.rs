use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use events_core::{Draft, ErrorKind, EventSink, Outcome, SinkError, WireEvent};
use tokio::time::timeout;

/// A sink that is given so much time and no more: what it has not answered by then is
/// `Unavailable`, and a spool around it keeps it.
///
/// # Cancel safety
/// That of the sink inside, whose delivery is dropped when its time is over.
#[derive(Debug)]
pub(crate) struct Within<S> {
    inner: S,
    deadline: Duration,
}

impl<S> Within<S> {
    pub(crate) fn new(deadline: Duration, inner: S) -> Self {
        Self { inner, deadline }
    }
}

#[async_trait]
impl<S: EventSink> EventSink for Within<S> {
    fn prepare(&self, drafts: &mut [Draft]) {
        self.inner.prepare(drafts);
    }

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        let answers = timeout(self.deadline, self.inner.deliver(events)).await;
        answers.unwrap_or_else(|_| {
            let late = SinkError::new(ErrorKind::Unavailable, "get an answer in the sink's time");
            events.iter().map(|_| Err(late.clone())).collect()
        })
    }
}

/// That of the sink inside: a deadline changes nothing about what happens to events.
impl<S: fmt::Display> fmt::Display for Within<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
