use async_trait::async_trait;
use events_core::{Event, Outcome, SinkError, WireEvent};

/// Takes custody of events that arrived.
#[async_trait]
pub trait Intake: Send + Sync + 'static {
    /// Seals and delivers the events of one request, in order. One result for each event.
    ///
    /// Runs in a task of its own, which nobody cancels: a client that goes away changes nothing.
    /// How long it may take is the implementor's to bound; the client is answered 503 after
    /// [`answer_timeout`](crate::Limits::answer_timeout).
    async fn accept(&self, events: Vec<Event>) -> Vec<Result<Accepted, SinkError>>;
}

/// An event in custody: who it is, as it left the chain, and where it is.
#[derive(Debug)]
pub struct Accepted {
    event: WireEvent,
    outcome: Outcome,
}

impl Accepted {
    /// The sealed `event` and what became of it. Taking the sealed form makes sure that what an
    /// answer says of the event is redacted.
    #[must_use]
    pub fn new(event: WireEvent, outcome: Outcome) -> Self {
        Self { event, outcome }
    }

    /// The event's `id`, redacted.
    #[must_use]
    pub fn id(&self) -> &str {
        self.event.attributes().id().as_str()
    }

    /// The event's `source`, redacted.
    #[must_use]
    pub fn source(&self) -> &str {
        self.event.attributes().source().as_str()
    }

    /// Who has custody.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }
}
