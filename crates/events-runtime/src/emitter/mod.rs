mod config;
mod dispatcher;
mod pending;
mod progress;
mod queue;
mod size;

use std::sync::Arc;
use std::time::Duration;

use events_core::{ErrorKind, Event, EventSink, Outcome, SinkError};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

pub use self::config::{Config, Overflow};
pub use self::pending::{Pending, Stored};
use self::progress::Progress;
pub use self::queue::Load;
use self::queue::{Item, Room};

/// The handle a host clones and emits events through: a bounded queue in front of a sink.
///
/// What is queued when a batch can start becomes that batch, so batches grow under load by
/// themselves. Batches start in the order of hand-over, and so do the events in them. An accepted
/// event is in the care of a task of its own: a caller that goes away does not cancel it, and a
/// sink that panics costs its batch an error and nobody else anything.
#[derive(Clone, Debug)]
pub struct Emitter {
    queue: mpsc::UnboundedSender<Item>,
    room: Arc<Room>,
    progress: Arc<Progress>,
    stop: Arc<watch::Sender<bool>>,
    overflow: Overflow,
}

impl Emitter {
    /// An emitter in front of `sink`. Must be called within a tokio runtime.
    #[must_use]
    pub fn new(sink: Arc<dyn EventSink>, config: Config) -> Self {
        let (queue, items) = mpsc::unbounded_channel();
        let (stop, stopped) = watch::channel(false);
        let progress = Arc::new(Progress::default());
        let room = Arc::new(Room::new(&config));
        tokio::spawn(dispatcher::run(sink, items, stopped, config));
        Self {
            queue,
            room,
            progress,
            stop: Arc::new(stop),
            overflow: config.overflow,
        }
    }

    /// Hands over one event and waits for what becomes of it.
    ///
    /// # Errors
    /// `Saturated` where the queue has no room in time, `Unavailable` after a shutdown, else the
    /// sink's.
    ///
    /// # Cancel safety
    /// Dropped while it waits for room, nothing was accepted; after that, custody goes on.
    pub async fn emit(&self, event: Event) -> Result<Outcome, SinkError> {
        self.enqueue(event)
            .await?
            .await
            .map(|stored| stored.outcome)
    }

    /// Hands over events in order and waits for what becomes of each. One result for each event,
    /// with its sealed form, so that callers can say which event they speak of.
    ///
    /// # Cancel safety
    /// As [`emit`](Self::emit), for each event.
    pub async fn emit_all(&self, events: Vec<Event>) -> Vec<Result<Stored, SinkError>> {
        let mut pending = Vec::with_capacity(events.len());
        for event in events {
            pending.push(self.enqueue(event).await);
        }
        let mut results = Vec::with_capacity(pending.len());
        for accepted in pending {
            results.push(match accepted {
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
    /// `Saturated` where there is no room now, `Unavailable` after a shutdown.
    pub fn try_emit(&self, event: Event) -> Result<Pending, SinkError> {
        let share = self.room.try_take(&event)?;
        self.push(event, share)
    }

    /// Waits until all events accepted before the call have an outcome or an error. False when
    /// that takes longer than `deadline`.
    pub async fn flush(&self, deadline: Duration) -> bool {
        timeout(deadline, self.progress.reach(self.progress.accepted()))
            .await
            .is_ok()
    }

    /// Accepts no more events, on any clone, and finishes those it has. False when that takes
    /// longer than `deadline`; events that no batch has taken up by then get an `Unavailable`
    /// answer, batches in flight go on.
    pub async fn shutdown(&self, deadline: Duration) -> bool {
        self.room.close();
        let drained = self.flush(deadline).await;
        // The dispatcher may be gone already, which is what this asks for.
        self.stop.send_replace(true);
        drained
    }

    /// How much is in its care now.
    #[must_use]
    pub fn load(&self) -> Load {
        self.room.load()
    }

    async fn enqueue(&self, event: Event) -> Result<Pending, SinkError> {
        let share = match self.overflow {
            Overflow::Refuse => self.room.try_take(&event)?,
            Overflow::Wait(patience) => match timeout(patience, self.room.take(&event)).await {
                Ok(share) => share?,
                Err(_) => return Err(queue::saturated()),
            },
        };
        self.push(event, share)
    }

    fn push(&self, event: Event, share: queue::Share) -> Result<Pending, SinkError> {
        let (answer, pending) = pending::channel();
        let mark = self.progress.accept();
        let item = Item {
            event,
            answer,
            share,
            mark,
        };
        match self.queue.send(item) {
            Ok(()) => Ok(pending),
            Err(_) => Err(SinkError::new(
                ErrorKind::Unavailable,
                "hand over to a stopped emitter",
            )),
        }
    }
}
