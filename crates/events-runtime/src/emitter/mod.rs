mod config;
mod dispatcher;
mod pending;
mod queue;
mod shared;
mod size;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use events_core::{Event, EventSink, Outcome, SinkError};
use tokio::task::AbortHandle;
use tokio::time::timeout;

pub use self::config::{Config, Overflow};
pub use self::pending::{Pending, Stored};
use self::shared::{Offer, Shared};

/// The handle a host clones and emits events through: a bounded queue in front of a sink.
///
/// What is queued when a batch can start becomes that batch, so batches grow under load by
/// themselves. Events are sealed, and batches begin, in the order of hand-over. An accepted event
/// is in the care of a task of the emitter's own: a caller that goes away cancels nothing, and a
/// sink that panics costs its batch an error and nobody else anything.
///
/// When the last clone is dropped, no more events come and those accepted are finished.
#[derive(Clone)]
pub struct Emitter {
    handle: Arc<Handle>,
    overflow: Overflow,
}

/// How much an emitter has in its care now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Load {
    /// Events that were accepted and have no answer yet.
    pub events: usize,
    /// About how many bytes they take.
    pub bytes: usize,
    /// The batches in flight.
    pub batches: usize,
}

/// What an emitter was handed since it was made.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Events it accepted.
    pub accepted: u64,
    /// Events it did not accept: no room in time, or shut down.
    pub refused: u64,
    /// Accepted events that got no answer from the sink: it panicked, or the shutdown did not
    /// wait for it.
    pub unanswered: u64,
}

impl Emitter {
    /// An emitter in front of `sink`.
    ///
    /// # Panics
    /// Outside a Tokio runtime. It needs time enabled.
    #[must_use]
    pub fn new(sink: Arc<dyn EventSink>, config: Config) -> Self {
        let shared = Arc::new(Shared::new(config));
        let dispatcher = dispatcher::run(shared.clone(), sink, config.in_flight);
        let dispatcher = tokio::spawn(dispatcher).abort_handle();
        Self {
            handle: Arc::new(Handle { shared, dispatcher }),
            overflow: config.overflow,
        }
    }

    /// Hands over one event and waits for what becomes of it.
    ///
    /// # Errors
    /// `Saturated` where the queue has no room in time, `Unavailable` after a shutdown or where
    /// the sink gave no answer, else the sink's.
    ///
    /// # Cancel safety
    /// Dropped while it waits for room, nothing was accepted; after that, custody goes on.
    pub async fn emit(&self, event: Event) -> Result<Outcome, SinkError> {
        let accepted = self.hand_over(vec![event]).await.pop();
        let stored = accepted.unwrap_or_else(|| Err(no_result()))?.await?;
        Ok(stored.outcome)
    }

    /// Hands over events in order and waits for what becomes of each. One result for each event,
    /// with its sealed form, so that callers can say which event they speak of.
    ///
    /// More events than the queue holds are handed over as room comes, within the one wait that
    /// [`Overflow::Wait`] allows the call; those left by then are refused.
    ///
    /// # Cancel safety
    /// As [`emit`](Self::emit), for each event.
    pub async fn emit_all(&self, events: Vec<Event>) -> Vec<Result<Stored, SinkError>> {
        let accepted = self.hand_over(events).await;
        let mut results = Vec::with_capacity(accepted.len());
        for pending in accepted {
            results.push(match pending {
                Ok(pending) => pending.await,
                Err(error) => Err(error),
            });
        }
        results
    }

    /// Hands over one event without ever waiting. The future it returns tells what becomes of it;
    /// dropping that changes nothing.
    ///
    /// # Errors
    /// `Saturated` where there is no room now or others wait for it, `Unavailable` after a
    /// shutdown.
    pub fn try_emit(&self, event: Event) -> Result<Pending, SinkError> {
        let mut offer = Offer::new(vec![event]);
        self.shared().hand_over(&mut offer);
        self.shared().refuse(&mut offer);
        let mut results = offer.into_results();
        results.pop().unwrap_or_else(|| Err(no_result()))
    }

    /// Waits until all events accepted before the call have an outcome or an error; none of them
    /// lingers any more. False when that takes longer than `deadline`.
    pub async fn flush(&self, deadline: Duration) -> bool {
        let number = self.shared().hurry();
        let settled = timeout(deadline, self.shared().settled(number));
        settled.await.is_ok()
    }

    /// Accepts no more events, on any clone, and finishes those it has. False when that takes
    /// longer than `deadline`: then deliveries are dropped, and every event without an answer
    /// gets `Unavailable`. Once this returns, the sink is left alone.
    pub async fn shutdown(&self, deadline: Duration) -> bool {
        self.shared().close();
        let drained = self.flush(deadline).await;
        self.handle.dispatcher.abort();
        if !drained {
            // Answers come as soon as the tasks notice; a sink that blocks its thread is not
            // waited for.
            self.flush(ABORTING).await;
        }
        drained
    }

    /// How much is in its care now.
    #[must_use]
    pub fn load(&self) -> Load {
        self.shared().load()
    }

    /// What it was handed so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared().counts()
    }

    async fn hand_over(&self, events: Vec<Event>) -> Vec<Result<Pending, SinkError>> {
        let mut offer = Offer::new(events);
        self.shared().hand_over(&mut offer);
        if let (false, Overflow::Wait(patience)) = (offer.is_done(), self.overflow) {
            let in_line = self.shared().hand_over_in_line(&mut offer);
            // Patience that ran out leaves a rest, to be refused.
            timeout(patience, in_line).await.ok();
        }
        self.shared().refuse(&mut offer);
        offer.into_results()
    }

    fn shared(&self) -> &Shared {
        &self.handle.shared
    }
}

impl fmt::Debug for Emitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut emitter = f.debug_struct("Emitter");
        emitter.field("load", &self.load());
        emitter.field("counts", &self.counts()).finish()
    }
}

/// What all clones of an emitter share, and end together.
struct Handle {
    shared: Arc<Shared>,
    dispatcher: AbortHandle,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.close();
    }
}

/// Never comes to pass: an offer of one event has one result.
fn no_result() -> SinkError {
    SinkError::new(
        events_core::ErrorKind::Unavailable,
        "hand over to the emitter",
    )
}

/// How long a shutdown that gave up waits for its tasks to notice.
const ABORTING: Duration = Duration::from_secs(1);
