use std::sync::{Arc, PoisonError};
use std::thread;

use events_core::{Outcome, SinkError, WireEvent};
use tokio::time::{Instant, timeout, timeout_at};

use crate::queue::{Answers, Queue};
use crate::readers::Readers;
use crate::writer::{Failure, STORE, Writer};
use crate::{Config, StoreError, StoreUrl};

/// A database with a table `agent_events`, and the one thread that writes to it.
///
/// Clones share one writer. When the last is dropped, what was handed over is still written, in the
/// background; [`close`](Self::close) waits for it.
#[derive(Clone, Debug)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    queue: Queue,
    failure: Failure,
    readers: Readers,
    url: StoreUrl,
    config: Config,
}

impl Store {
    /// Opens the store that `url` names. Blocks on the disk.
    ///
    /// A SQLite file is made where it is missing, with mode 0600, and its tables are brought up to
    /// date at once. A PostgreSQL server is asked for when there is something to store, and its
    /// tables are brought up to date whenever it is connected to: it may be away now.
    ///
    /// # Errors
    /// A file that cannot be used, or whose tables are newer; a thread that cannot be started.
    pub fn open(url: StoreUrl, config: Config) -> Result<Self, StoreError> {
        let failure = Failure::default();
        let writer = Writer::new(url.writer(&config)?, Arc::clone(&failure));
        let (queue, work) = Queue::new(config.queue_bytes);
        let thread = thread::Builder::new().name("store".to_owned());
        let spawned = thread.spawn(move || writer.run(work));
        spawned.map_err(|error| StoreError::Setup {
            reason: error.kind().to_string(),
        })?;
        Ok(Self(Arc::new(Inner {
            queue,
            failure,
            readers: Readers::new(url.clone(), config.clone()),
            url,
            config,
        })))
    }

    /// Stores events in order and waits until they are committed: `Delivered`, or an error whose
    /// source is a [`StoreError`]. One result for each event.
    ///
    /// `Rejected` for one longer than allowed, or that the database refuses, alone. `Saturated` when
    /// there is no room, in the queue or in the database. `Config` where the login or the tables do
    /// not allow it. `Unavailable` for all else; the event may be stored by then, and handed over
    /// again it is stored once.
    ///
    /// # Cancel safety
    /// Dropping the future takes back what the writer has not begun. Each event is whole or absent.
    pub async fn append(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        let Inner { queue, config, .. } = &*self.0;
        let limit = config.max_event_bytes;
        let until = Instant::now() + config.deadline;
        let fits = |event: &&WireEvent| event.bytes().len() <= limit;
        let mut tickets = Vec::new();
        for part in queue.split(events.iter().filter(fits)) {
            let count = part.len();
            tickets.push((count, timeout_at(until, queue.push(part)).await));
        }
        let waited = config.deadline;
        let mut results = Vec::with_capacity(events.len());
        for (count, ticket) in tickets {
            let answers: Result<Answers, StoreError> = match ticket {
                Err(_elapsed) => Err(StoreError::Crowded { waited }),
                Ok(None) => Err(StoreError::Closed),
                Ok(Some(answers)) => match timeout_at(until, answers).await {
                    Err(_elapsed) => Err(StoreError::Late { waited }),
                    Ok(answers) => answers.map_err(|_| StoreError::Closed),
                },
            };
            match answers {
                Ok(answers) => results.extend(answers),
                Err(error) => results.extend((0..count).map(|_| Err(refusal(error.clone())))),
            }
        }
        let mut results = results.into_iter();
        let result = |event: &WireEvent| match event.bytes().len() {
            bytes if bytes > limit => Err(refusal(StoreError::TooLarge { limit })),
            _ => results
                .next()
                .unwrap_or_else(|| Err(refusal(StoreError::Closed))),
        };
        events.iter().map(result).collect()
    }

    /// Takes no more events, for any clone, and waits until those handed over are stored and
    /// answered, at most for the [deadline](Config::deadline).
    ///
    /// # Errors
    /// When the database did not answer until then.
    ///
    /// # Cancel safety
    /// The store is closed all the same.
    pub async fn close(&self) -> Result<(), StoreError> {
        let Inner { queue, config, .. } = &*self.0;
        queue.close();
        let waited = config.deadline;
        let finished = timeout(waited, queue.finished()).await;
        finished.map_err(|_| StoreError::Late { waited })
    }

    /// Why the last attempt to store failed, if it did. An event that was refused is no failure.
    #[must_use]
    pub fn failure(&self) -> Option<StoreError> {
        let failure = self.0.failure.lock();
        failure.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where it is, its password left out.
    #[must_use]
    pub fn url(&self) -> &StoreUrl {
        &self.0.url
    }

    pub(crate) fn readers(&self) -> &Readers {
        &self.0.readers
    }
}

fn refusal(error: StoreError) -> SinkError {
    SinkError::caused(error.kind(), STORE, error)
}
