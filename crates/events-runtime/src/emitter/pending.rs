use std::pin::Pin;
use std::task::{Context, Poll};

use events_core::{ErrorKind, Outcome, SinkError, WireEvent};
use tokio::sync::oneshot;
use tracing::warn;

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

/// The other end of a [`Pending`]. Dropped without an answer, it tells that there will be none.
#[derive(Debug)]
pub(super) struct Answer(oneshot::Sender<Result<Stored, SinkError>>);

pub(super) fn channel() -> (Answer, Pending) {
    let (sender, receiver) = oneshot::channel();
    (Answer(sender), Pending(receiver))
}

impl Answer {
    /// Tells the caller. One that went away is told nothing, so an error is logged instead.
    pub(super) fn give(self, result: Result<Stored, SinkError>) {
        if let Err(Err(error)) = self.0.send(result) {
            warn!(kind = %error.kind(), %error, "an event was not stored and its caller is gone");
        }
    }
}

impl Future for Pending {
    type Output = Result<Stored, SinkError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0)
            .poll(context)
            .map(|answer| answer.unwrap_or_else(|_| Err(unanswered())))
    }
}

/// The sink panicked, kept an answer back, or had none when the emitter was shut down. Whether
/// the event is stored is unknown.
fn unanswered() -> SinkError {
    SinkError::new(ErrorKind::Unavailable, "get an answer from the sink")
}
