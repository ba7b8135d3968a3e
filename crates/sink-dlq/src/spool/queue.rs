use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Instant, timeout_at};

use super::load::Loaded;
use super::log::Durable;
use super::{Area, Cause, Entry, RecordId, SpoolError, Stored};

/// What the writer is asked for, each with where its answer goes.
pub(crate) enum Work {
    Append(Area, Vec<Entry>, Reply<Vec<Result<Stored, SpoolError>>>),
    Relocate(
        Vec<(RecordId, Area, Cause)>,
        Reply<Vec<Result<Stored, SpoolError>>>,
    ),
    /// Durably, or just soon.
    Remove(Vec<RecordId>, Durable, Reply<Result<(), SpoolError>>),
    Read(
        Area,
        Option<RecordId>,
        super::Limit,
        Reply<Result<Vec<Loaded>, SpoolError>>,
    ),
    Get(RecordId, Reply<Result<Option<Loaded>, SpoolError>>),
    /// These records are no events.
    Condemn(Vec<RecordId>, Reply<()>),
    Close,
}

pub(crate) type Reply<T> = oneshot::Sender<T>;

/// The way to the writer: bounded in bytes, first come first served.
#[derive(Debug)]
pub(crate) struct Queue {
    jobs: Mutex<Option<Sender<Job>>>,
    room: Arc<Semaphore>,
    bytes: usize,
}

/// The writer's end.
#[derive(Debug)]
pub(crate) struct Jobs(Receiver<Job>);

struct Job {
    work: Work,
    /// Set by whoever comes first: the writer who takes it, or the caller who takes it back.
    taken: Arc<AtomicBool>,
    room: Option<OwnedSemaphorePermit>,
}

impl Queue {
    pub(crate) fn new(bytes: usize) -> (Self, Jobs) {
        let bytes = bytes.clamp(1, MOST_BYTES);
        let (jobs, taken) = channel();
        let queue = Self {
            jobs: Mutex::new(Some(jobs)),
            room: Arc::new(Semaphore::new(bytes)),
            bytes,
        };
        (queue, Jobs(taken))
    }

    /// Waits for room for `bytes`, hands over the work and waits for its answer, until `until`.
    /// Work that was not begun by then, or before the future is dropped, is taken back.
    pub(crate) async fn ask<T>(
        &self,
        bytes: usize,
        until: Instant,
        work: impl FnOnce(Reply<T>) -> Work,
    ) -> Option<Result<T, Closed>> {
        let wanted = u32::try_from(bytes.min(self.bytes)).unwrap_or(u32::MAX);
        let room = match wanted {
            0 => None,
            _ => {
                let room = Arc::clone(&self.room).acquire_many_owned(wanted);
                timeout_at(until, room).await.ok()?.ok()
            }
        };
        let (reply, answer) = oneshot::channel();
        let taken = Arc::new(AtomicBool::new(false));
        let job = Job {
            work: work(reply),
            taken: Arc::clone(&taken),
            room,
        };
        if self.push(job).is_err() {
            return Some(Err(Closed));
        }
        let _withdrawal = Withdrawal(taken);
        within(until, answer).await
    }

    /// Takes no more work. What has come is still done.
    pub(crate) fn close(&self) {
        let jobs = self
            .jobs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(jobs) = jobs {
            let close = Job {
                work: Work::Close,
                taken: Arc::default(),
                room: None,
            };
            // Without a writer there is nobody to tell.
            drop(jobs.send(close));
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.jobs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_none()
    }

    fn push(&self, job: Job) -> Result<(), Closed> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let jobs = jobs.as_ref().ok_or(Closed)?;
        jobs.send(job).map_err(|_| Closed)
    }
}

/// The writer takes no more work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closed;

impl Jobs {
    /// Waits for work, at most for `idle`, and takes all there is. `None` when nothing more comes.
    pub(crate) fn take(&self, idle: Duration) -> Option<Vec<Work>> {
        let mut work = Vec::new();
        match self.0.recv_timeout(idle) {
            Ok(job) => work.extend(job.begin()),
            Err(RecvTimeoutError::Timeout) => return Some(work),
            Err(RecvTimeoutError::Disconnected) => return None,
        }
        while work.len() < MOST_AT_ONCE
            && let Ok(job) = self.0.try_recv()
        {
            work.extend(job.begin());
        }
        Some(work)
    }
}

impl Job {
    fn begin(self) -> Option<Work> {
        drop(self.room);
        let was_taken = self.taken.swap(true, Ordering::AcqRel);
        (!was_taken).then_some(self.work)
    }
}

struct Withdrawal(Arc<AtomicBool>);

impl Drop for Withdrawal {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

async fn within<T>(
    until: Instant,
    answer: impl Future<Output = Result<T, oneshot::error::RecvError>>,
) -> Option<Result<T, Closed>> {
    let answer = timeout_at(until, answer).await.ok()?;
    Some(answer.map_err(|_| Closed))
}

/// Permits of a semaphore are counted in 32 bits here.
const MOST_BYTES: usize = 1 << 30;
const MOST_AT_ONCE: usize = 4096;
