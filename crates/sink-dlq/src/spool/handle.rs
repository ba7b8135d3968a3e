use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use events_core::{ErrorKind, WireEvent};
use events_disk::{Fs, OsFs};
use tokio::sync::watch;
use tokio::time::Instant;

use super::index::{Attempt, Shared};
use super::load::Loaded;
use super::log::Durable;
use super::queue::{Queue, Reply, Work};
use super::record::bounded;
use super::store::Store;
use super::writer::Writer;
use super::{
    Area, Cause, Config, Entry, Limit, OpenError, OpenReport, Record, RecordId, SpoolError, State,
    Status, Stored,
};

/// A directory of events that could not be delivered, and the one thread that writes it.
///
/// Clones share one spool. When the last is dropped, what was handed over is written and the
/// thread ends; that blocks, up to the [deadline](Config::deadline), so asynchronous code
/// [closes](Self::close) first. Every method that waits does so up to that deadline.
#[derive(Clone, Debug)]
pub struct Spool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    queue: Queue,
    shared: Arc<Shared>,
    report: OpenReport,
    deadline: Duration,
    max_event_bytes: usize,
    finished: watch::Receiver<()>,
    thread: Mutex<Receiver<()>>,
}

impl Spool {
    /// Opens the spool in `dir`, made with mode 0700 where it is missing, and mends what an
    /// earlier run left torn. Damage is reported and never keeps it from opening. Blocks on the
    /// disk.
    ///
    /// # Errors
    /// Where another spool has the directory; where a later release wrote it; where it or a file
    /// in it is a link, belongs to another user or can be written by others; where the file
    /// system refuses.
    pub fn open(dir: impl Into<PathBuf>, config: Config) -> Result<Self, OpenError> {
        Self::open_on(Box::new(OsFs), dir.into(), config)
    }

    pub(crate) fn open_on(
        fs: Box<dyn Fs>,
        dir: PathBuf,
        config: Config,
    ) -> Result<Self, OpenError> {
        let deadline = config.deadline.min(LONGEST_DEADLINE);
        let (queue_bytes, max_event_bytes) = (config.queue_bytes, config.max_event_bytes);
        let (store, report) = Store::open(fs, &dir, config)?;
        let shared = store.shared();
        let (queue, jobs) = Queue::new(queue_bytes);
        let (told, finished) = watch::channel(());
        let (done, thread) = channel();
        let writer = Writer::new(store);
        thread::Builder::new()
            .name("spool".to_owned())
            .spawn(move || {
                // Also when this thread panics, nobody waits for it in vain.
                let _end = End(done, told);
                writer.run(&jobs);
            })
            .map_err(|source| OpenError::io("start the writer of", dir, source))?;
        Ok(Self(Arc::new(Inner {
            queue,
            shared,
            report,
            deadline,
            max_event_bytes,
            finished,
            thread: Mutex::new(thread),
        })))
    }

    /// What opening found and mended.
    #[must_use]
    pub fn open_report(&self) -> &OpenReport {
        &self.0.report
    }

    /// Appends entries in order and waits until they are fsynced. One result for each.
    ///
    /// `TooLarge` for one longer than allowed, alone. `Full` and `Io` for one that could not be
    /// written and all behind it, so that order holds. A refused entry is not in the spool, unless it is refused as
    /// `Late` while it was being written, or the disk also refused to take back what was half
    /// written and the process dies before it did: then it is delivered although it was refused.
    ///
    /// # Cancel safety
    /// Dropping the future takes back what the writer has not begun. Each record is whole or
    /// absent.
    pub async fn append(&self, area: Area, entries: Vec<Entry>) -> Vec<Result<Stored, SpoolError>> {
        let limit = self.0.max_event_bytes;
        let sizes: Vec<usize> = entries
            .iter()
            .map(|entry| entry.event.bytes().len())
            .collect();
        let fits = |entry: &Entry| entry.event.bytes().len() <= limit;
        let entries: Vec<Entry> = entries.into_iter().filter(fits).collect();
        let count = entries.len();
        let bytes = sizes.iter().filter(|bytes| **bytes <= limit).sum();
        let work = |reply| Work::Append(area, entries, reply);
        let results = if count == 0 {
            Vec::new()
        } else {
            self.each(bytes, count, work).await
        };
        let mut results = results.into_iter();
        let result = |bytes: usize| match bytes {
            _ if bytes > limit => Err(SpoolError::TooLarge { bytes, limit }),
            _ => results.next().unwrap_or(Err(SpoolError::Closed)),
        };
        sizes.into_iter().map(result).collect()
    }

    /// The live records of an area behind `after`, in the order of their ids, as many as `limit`
    /// allows; none when there are no more. A record found damaged is put into quarantine, told in
    /// the log and passed over.
    ///
    /// # Errors
    /// `Io` when records are there and none of them can be read now; `Late`; `Closed`.
    pub async fn next(
        &self,
        area: Area,
        after: Option<RecordId>,
        limit: Limit,
    ) -> Result<Vec<Record>, SpoolError> {
        let mut after = after;
        loop {
            let loaded = self.ask(0, |reply| Work::Read(area, after, limit, reply));
            let loaded = loaded.await??;
            let Some(last) = loaded.last() else {
                return Ok(Vec::new());
            };
            after = Some(last.id);
            let records = self.parse(loaded).await?;
            if !records.is_empty() {
                return Ok(records);
            }
        }
    }

    /// One record, wherever it stands; `None` when it is not there, or damaged.
    ///
    /// # Errors
    /// `Io` when it cannot be read now; `Late`; `Closed`.
    pub async fn get(&self, id: RecordId) -> Result<Option<Record>, SpoolError> {
        let loaded = self.ask(0, |reply| Work::Get(id, reply)).await??;
        let loaded = loaded.into_iter().collect();
        Ok(self.parse(loaded).await?.pop())
    }

    /// Removes records that were delivered. What a crash undoes of that is delivered once more.
    /// Records that are not there are none to remove.
    ///
    /// # Errors
    /// `Late`; `Closed`.
    pub async fn settle(&self, ids: Vec<RecordId>) -> Result<(), SpoolError> {
        self.ask(0, |reply| Work::Remove(ids, Durable::No, reply))
            .await?
    }

    /// Removes records that an operator wants gone. On the disk before it returns: they do not
    /// come back. Records that are not there are none to remove.
    ///
    /// # Errors
    /// `Io` when the disk did not confirm: the records are gone, and may come back after a crash.
    /// `Late`; `Closed`.
    pub async fn discard(&self, ids: Vec<RecordId>) -> Result<(), SpoolError> {
        self.ask(0, |reply| Work::Remove(ids, Durable::Yes, reply))
            .await?
    }

    /// Moves records to other areas, where they keep their ids: written and fsynced there, then
    /// removed here. One result for each; one that is not moved stays as it is. A crash in
    /// between leaves each once, in the area further along.
    ///
    /// # Cancel safety
    /// As of [`append`](Self::append).
    pub async fn relocate(
        &self,
        moves: Vec<(RecordId, Area, Cause)>,
    ) -> Vec<Result<Stored, SpoolError>> {
        let count = moves.len();
        let work = |reply| Work::Relocate(moves, reply);
        self.each(0, count, work).await
    }

    /// Counts a failed delivery of these records and keeps its reason. In memory: a restart
    /// forgets it.
    pub fn note_attempt(&self, ids: &[RecordId], kind: ErrorKind, reason: &str, at: SystemTime) {
        let reason = Arc::from(bounded(reason));
        let attempt = Attempt { kind, reason, at };
        self.0.shared.index().note_attempt(ids, &attempt);
    }

    /// How many records wait for a subject. Cheap.
    #[must_use]
    pub fn waiting_of(&self, subject: &str) -> usize {
        self.0.shared.index().waiting_of(subject)
    }

    /// How the spool stands now. Cheap.
    #[must_use]
    pub fn status(&self) -> Status {
        let mut status = self.0.shared.status(now());
        if self.0.queue.is_closed() {
            status.state = State::Closed;
        } else if self.0.finished.has_changed().is_err() {
            let reason = "its writer panicked: it takes nothing until it is opened again";
            status.state = State::Failed {
                reason: reason.to_owned(),
            };
        }
        status
    }

    /// Takes no more work, for any clone, and waits until what was handed over is done and
    /// answered, at most for the [deadline](Config::deadline).
    ///
    /// # Errors
    /// `Late` when the disk did not answer until then. What waits for it is done if it ever does.
    ///
    /// # Cancel safety
    /// The spool is closed all the same.
    pub async fn close(&self) -> Result<(), SpoolError> {
        self.0.queue.close();
        let waited = self.0.deadline;
        let mut finished = self.0.finished.clone();
        // Nothing is ever sent: the writer's end goes away when it is done.
        let done = tokio::time::timeout(waited, finished.changed()).await;
        done.map(drop).map_err(|_| SpoolError::Late { waited })
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.0.shared
    }

    async fn ask<T>(
        &self,
        bytes: usize,
        work: impl FnOnce(Reply<T>) -> Work,
    ) -> Result<T, SpoolError> {
        let waited = self.0.deadline;
        match self.0.queue.ask(bytes, Instant::now() + waited, work).await {
            Some(answer) => answer.map_err(|_| SpoolError::Closed),
            None => Err(SpoolError::Late { waited }),
        }
    }

    /// The same where one answer stands for each of `count`.
    async fn each<T>(
        &self,
        bytes: usize,
        count: usize,
        work: impl FnOnce(Reply<Vec<Result<T, SpoolError>>>) -> Work,
    ) -> Vec<Result<T, SpoolError>> {
        match self.ask(bytes, work).await {
            Ok(results) => results,
            Err(error) => (0..count).map(|_| Err(error.clone())).collect(),
        }
    }

    /// Makes events of what was loaded. What is none goes into quarantine.
    async fn parse(&self, loaded: Vec<Loaded>) -> Result<Vec<Record>, SpoolError> {
        let mut records = Vec::with_capacity(loaded.len());
        let mut condemned = Vec::new();
        for loaded in loaded {
            match WireEvent::from_bytes(Bytes::clone(&loaded.event)) {
                Ok(event) => records.push(loaded.into_record(event)),
                Err(_) => condemned.push(loaded.id),
            }
        }
        if !condemned.is_empty() {
            self.ask(0, |reply| Work::Condemn(condemned, reply)).await?;
        }
        Ok(records)
    }
}

/// The writer's ends of the channels that say when it is done.
struct End(
    #[expect(dead_code, reason = "dropping it says it")] Sender<()>,
    #[expect(dead_code, reason = "dropping it says it")] watch::Sender<()>,
);

impl Drop for End {
    fn drop(&mut self) {
        if thread::panicking() {
            tracing::error!(
                "the spool's writer panicked: it takes nothing until it is opened again"
            );
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
        let thread = self
            .thread
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        // Nothing is ever sent: the writer's end goes away when it is done.
        if thread.recv_timeout(self.deadline) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            tracing::error!("the spool's disk does not answer: leaving its writer behind");
        }
    }
}

fn now() -> SystemTime {
    events_core::time::now().into()
}

const LONGEST_DEADLINE: Duration = Duration::from_secs(24 * 60 * 60);
