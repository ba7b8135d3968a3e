use std::pin::Pin;
use std::task::{Context, Poll};

use events_core::{ErrorKind, Outcome, SinkError, WireEvent};
use tokio::sync::oneshot;

/// An event in custody: its sealed form, and where it is.
#[derive(Debug)]
pub struct Stored {
    /// The event as it left the chain.
    pub event: WireEvent,
    /// Who has custody.
    pub outcome: Outcome,
}

/// Resolves to what becomes of an accepted event. Dropping it changes nothing.
#[derive(Debug)]
#[must_use = "an accepted event may still be refused by the sink"]
pub struct Pending(oneshot::Receiver<Result<Stored, SinkError>>);

pub(super) type Answer = oneshot::Sender<Result<Stored, SinkError>>;

pub(super) fn channel() -> (Answer, Pending) {
    let (answer, pending) = oneshot::channel();
    (answer, Pending(pending))
}

impl Future for Pending {
    type Output = Result<Stored, SinkError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0)
            .poll(context)
            .map(|answer| answer.unwrap_or_else(|_| Err(lost())))
    }
}

/// The batch went away without an answer: the sink panicked, or the emitter was shut down before
/// the event's turn came. Whether the event is stored is unknown.
fn lost() -> SinkError {
    SinkError::new(ErrorKind::Unavailable, "get an answer from the sink")
}
