use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use sink_sign::Verifier;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::core::Core;
use crate::redrive::{self, RedriveReport, RedriverStatus, Selection};
use crate::{Counters, Page, Query, Record, RecordId, SpoolError, spool};

/// An operator's handle on the spool of a [`DlqSink`](crate::DlqSink), whatever is inside of it.
/// Clones share everything.
#[derive(Clone)]
pub struct Dlq {
    core: Arc<Core>,
    background: Arc<Background>,
}

/// How the spool and its redriver stand.
#[derive(Clone, Debug)]
pub struct DlqStatus {
    /// The spool.
    pub spool: spool::Status,
    /// The redriver.
    pub redriver: RedriverStatus,
    /// Whether deliveries are on hold.
    pub held: bool,
}

impl Dlq {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            background: Arc::default(),
        }
    }

    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    pub(crate) fn start(&self) {
        let mut task = self.background.task();
        if task.is_none() {
            *task = Some(tokio::spawn(redrive::run(Arc::clone(&self.core))));
        }
    }

    /// The records that `query` asks for, oldest first, one page of them.
    ///
    /// # Errors
    /// When the spool cannot be read.
    ///
    /// # Cancel safety
    /// It only reads.
    pub async fn list(&self, query: &Query) -> Result<Page, SpoolError> {
        let limit = query.limit.max(1);
        let mut records: VecDeque<Record> = VecDeque::new();
        let more = self
            .core
            .each(query, |record| {
                records.push_back(record);
                records.len() < limit
            })
            .await?;
        let next = records.back().filter(|_| more).map(|record| record.id);
        Ok(Page {
            records: records.into(),
            next,
        })
    }

    /// One record, if it is there.
    ///
    /// # Errors
    /// When the spool cannot be read.
    pub async fn show(&self, id: RecordId) -> Result<Option<Record>, SpoolError> {
        self.core.spool.get(id).await
    }

    /// Delivers records now, of any area, on request, also where redriving is manual. Their
    /// signatures are checked like all others.
    ///
    /// Order within a subject holds: a waiting record is not delivered before earlier ones. Dead
    /// records that fail stay dead. Stops when the destination does not answer.
    ///
    /// # Errors
    /// When the spool cannot be read.
    ///
    /// # Cancel safety
    /// Dropping the future does not stop it.
    ///
    /// # Panics
    /// Outside a Tokio runtime with time enabled.
    pub async fn redrive(&self, selection: Selection) -> Result<RedriveReport, SpoolError> {
        let core = Arc::clone(&self.core);
        let work = tokio::spawn(async move { core.redrive(selection).await });
        work.await.unwrap_or(Err(SpoolError::Closed))
    }

    /// Drops records for good, and tells the signer that no stream will have them. How many there
    /// were.
    ///
    /// # Errors
    /// When the spool does not note it; some may be gone all the same.
    ///
    /// # Cancel safety
    /// Dropping the future does not stop it.
    ///
    /// # Panics
    /// Outside a Tokio runtime with time enabled.
    pub async fn drop(&self, ids: &[RecordId]) -> Result<usize, SpoolError> {
        let core = Arc::clone(&self.core);
        let ids = ids.to_vec();
        let work = tokio::spawn(async move { core.drop_records(ids).await });
        work.await.unwrap_or(Err(SpoolError::Closed))
    }

    /// What became of events so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.core.tally.read()
    }

    /// How the spool and its redriver stand now.
    #[must_use]
    pub fn status(&self) -> DlqStatus {
        DlqStatus {
            spool: self.core.spool.status(),
            redriver: self.core.progress().clone(),
            held: *self.core.held.borrow(),
        }
    }

    /// From now on records have to pass `verifier` before they are redriven. Those that did not
    /// pass the former one and were set aside are tried again, like all that is set aside.
    pub fn verify_by(&self, verifier: Verifier) {
        self.core.verify_by(verifier);
    }

    /// From now on deliveries go to the spool without being tried, and those that are out are
    /// given up and spilled after [a short patience](crate::Config::hold_patience): for a quick
    /// stop during an outage. What was given up may arrive all the same; redriving it then finds
    /// a duplicate. There is no way back.
    pub fn hold(&self) {
        self.core.held.send_replace(true);
    }

    /// Ends redriving, noting what was redriven by then, and closes the spool. Later deliveries
    /// that fail are not spilled any more.
    ///
    /// A batch that is out is waited for, up to [a patience](crate::Config::close_patience).
    ///
    /// # Errors
    /// When the disk did not answer in time.
    ///
    /// # Cancel safety
    /// Redriving ends all the same; the spool may stay open.
    pub async fn close(&self) -> Result<(), SpoolError> {
        self.core.closing.send_replace(true);
        let patience = self.core.config.close_patience;
        // Whoever redrives holds this until its batch is noted.
        let ended = timeout(patience, self.core.redriver.lock()).await;
        match ended {
            Ok(mut redriver) => redriver.end(&self.core).await,
            Err(_) => {
                tracing::warn!("gave up a redrive that did not end; it may find duplicates later");
            }
        }
        let task = self.background.task().take();
        if let Some(task) = task {
            task.abort();
            // Aborted or ended, either is what is wanted.
            task.await.ok();
        }
        self.core.spool.close().await
    }
}

impl fmt::Debug for Dlq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Dlq").field(&self.core).finish()
    }
}

/// The task that redrives, which ends with the last handle.
#[derive(Debug, Default)]
struct Background(Mutex<Option<JoinHandle<()>>>);

impl Background {
    fn task(&self) -> std::sync::MutexGuard<'_, Option<JoinHandle<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(task) = self.task().take() {
            task.abort();
        }
    }
}
