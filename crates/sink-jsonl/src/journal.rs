use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use events_core::codec::DecodeError;
use events_core::{ErrorKind, Outcome, SinkError, WireEvent};
use events_disk::{Fs, OsFs};
use tokio::time::{Instant, timeout_at};

use crate::error::APPEND;
use crate::log::Log;
use crate::queue::{Load, Queue, Ticket};
use crate::writer::{Seen, Writer};
use crate::{AppendError, Config, OpenError, OpenReport, State, Status};

/// A directory of segments, each with one sealed event a line, and the thread that writes them.
///
/// Clones share one journal. When the last is dropped, what was handed over is written and the
/// thread ends; that blocks, up to the [deadline](Config::deadline), so asynchronous code
/// [closes](Self::close) first.
#[derive(Clone, Debug)]
pub struct Journal(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    queue: Arc<Queue>,
    seen: Arc<Seen>,
    report: OpenReport,
    config: Config,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Journal {
    /// Opens the journal in `dir`, made with mode 0700 where it is missing, and mends what an
    /// earlier run left torn. No other journal can have the directory meanwhile. Blocks on the disk.
    ///
    /// # Errors
    /// Where another journal has the directory; where it or a segment is a link, belongs to
    /// another user or can be written by others; where the file system refuses.
    pub fn open(dir: impl Into<PathBuf>, config: Config) -> Result<Self, OpenError> {
        Self::open_on(Box::new(OsFs), dir.into(), config)
    }

    pub(crate) fn open_on(
        fs: Box<dyn Fs>,
        dir: PathBuf,
        mut config: Config,
    ) -> Result<Self, OpenError> {
        // Nobody waits longer; and an instant that far ahead still exists.
        config.deadline = config.deadline.min(LONGEST_DEADLINE);
        let (log, report) = Log::open(fs, dir.clone(), config.clone())?;
        let writer = Writer::new(log, &config);
        let queue = Arc::new(Queue::new(Load::bound(&config)));
        let seen = Arc::new(Seen::default());
        writer.show(&seen);
        let thread = thread::Builder::new().name("journal".to_owned());
        let theirs = (Arc::clone(&queue), Arc::clone(&seen));
        let thread = thread
            .spawn(move || writer.run(&theirs.0, &theirs.1))
            .map_err(|source| OpenError::io("start the writer of", dir, source))?;
        Ok(Self(Arc::new(Inner {
            queue,
            seen,
            report,
            config,
            thread: Mutex::new(Some(thread)),
        })))
    }

    /// Appends events in order and waits until they are fsynced: `Delivered`, or an error whose
    /// source is an [`AppendError`]. One result for each event.
    ///
    /// `Rejected` for one longer than allowed, alone. `Saturated` when the writer did not come to
    /// it until the [deadline](Config::deadline). `Unavailable` for all else. A refused event is
    /// not in the journal, unless the deadline passed while it was being written; handed over once
    /// more, such an event is recognised and not written again.
    ///
    /// # Cancel safety
    /// Dropping the future takes back what the writer has not begun. Each record is whole or
    /// absent.
    pub async fn append(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        let Inner { queue, config, .. } = &*self.0;
        let limit = config.max_event_bytes;
        let fits = |event: &&WireEvent| event.bytes().len() <= limit;
        let until = Instant::now() + config.deadline;
        let jobs = split(events.iter().filter(fits), Load::bound(config));
        let jobs: Vec<_> = jobs
            .into_iter()
            .map(|events| (events.len(), queue.push(events)))
            .collect();
        let mut results = Vec::with_capacity(events.len());
        for (count, ticket) in jobs {
            match self.answers(ticket, until).await {
                Ok(answers) => results.extend(answers),
                Err(error) => results.extend((0..count).map(|_| Err(error.clone()))),
            }
        }
        let mut results = results.into_iter();
        let lost = || AppendError::Closed.refusal(ErrorKind::Unavailable);
        let result = |event: &WireEvent| match event.bytes().len() {
            bytes if bytes > limit => {
                let error = DecodeError::TooLarge { limit };
                Err(SinkError::caused(ErrorKind::Rejected, APPEND, error))
            }
            _ => results.next().unwrap_or_else(|| Err(lost())),
        };
        events.iter().map(result).collect()
    }

    /// Begins a new segment with the next event, as a `SIGHUP` asks. A segment that was renamed or
    /// removed is noticed without it.
    pub fn reopen(&self) {
        self.0.queue.reopen();
    }

    /// How the journal stands now.
    #[must_use]
    pub fn status(&self) -> Status {
        let figures = self.0.seen.figures();
        let queued = self.0.queue.load();
        let age = |oldest| now().duration_since(oldest).unwrap_or_default();
        Status {
            segments: figures.segments,
            bytes: figures.bytes,
            oldest_age: figures.oldest.map(age),
            queued_events: queued.events,
            queued_bytes: queued.bytes,
            last_group: figures.last_group,
            state: match figures.failure {
                _ if self.0.queue.is_closed() => State::Closed,
                Some(reason) => State::Failed { reason },
                None => State::Ok,
            },
        }
    }

    /// What opening found and mended.
    #[must_use]
    pub fn open_report(&self) -> &OpenReport {
        &self.0.report
    }

    /// Takes no more events, for any clone, and waits until those handed over are written and
    /// answered, at most for the [deadline](Config::deadline).
    ///
    /// # Errors
    /// When the disk did not answer until then. What waits for it is written if it ever does.
    ///
    /// # Cancel safety
    /// The journal is closed all the same.
    pub async fn close(&self) -> Result<(), AppendError> {
        let Inner { queue, config, .. } = &*self.0;
        queue.close();
        let waited = config.deadline;
        tokio::time::timeout(waited, queue.finished())
            .await
            .map_err(|_| AppendError::Late { waited })
    }

    async fn answers(
        &self,
        ticket: Option<Ticket<'_>>,
        until: Instant,
    ) -> Result<Vec<Result<Outcome, SinkError>>, SinkError> {
        let gone = || AppendError::Closed.refusal(ErrorKind::Unavailable);
        let mut ticket = ticket.ok_or_else(gone)?;
        if let Ok(answers) = timeout_at(until, ticket.answers()).await {
            return answers.ok_or_else(gone);
        }
        let waited = self.0.config.deadline;
        let kind = if ticket.withdraw() {
            ErrorKind::Saturated
        } else if let Some(answers) = ticket.give_up() {
            return Ok(answers);
        } else {
            ErrorKind::Unavailable
        };
        Err(AppendError::Late { waited }.refusal(kind))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
        if !self.queue.finished_within(self.config.deadline) {
            // Joining would wait for as long as the disk does.
            tracing::error!("the journal's disk does not answer: leaving its writer behind");
            return;
        }
        let thread = self
            .thread
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the journal's writer panicked");
        }
    }
}

/// Splits a call's events so that each part fits into the queue, in order.
fn split<'a>(events: impl Iterator<Item = &'a WireEvent>, bound: Load) -> Vec<Vec<WireEvent>> {
    let mut parts = Vec::new();
    let mut part = Vec::new();
    let mut load = Load::default();
    for event in events {
        let one = Load::of(std::slice::from_ref(event));
        if load.and(one).exceeds(bound) && !part.is_empty() {
            parts.push(std::mem::take(&mut part));
            load = Load::default();
        }
        load = load.and(one);
        part.push(event.clone());
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

fn now() -> SystemTime {
    events_core::time::now().into()
}

const LONGEST_DEADLINE: Duration = Duration::from_secs(24 * 60 * 60);
