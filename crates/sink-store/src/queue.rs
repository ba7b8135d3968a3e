use std::sync::{Arc, Mutex, PoisonError};

use events_core::{Outcome, SinkError, WireEvent};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};

/// One call's events, or as many of them as fit into the queue.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) events: Vec<WireEvent>,
    /// Closed when the caller went away, who then must not find anything of it written later.
    pub(crate) reply: oneshot::Sender<Answers>,
    /// Its place in the queue, free again once it is answered.
    _room: OwnedSemaphorePermit,
}

/// One result for each event of a job.
pub(crate) type Answers = Vec<Result<Outcome, SinkError>>;

/// Brings jobs to the writer in the order they came. Bounded: who comes late waits outside.
#[derive(Debug)]
pub(crate) struct Queue {
    jobs: Mutex<Option<mpsc::UnboundedSender<Job>>>,
    room: Arc<Semaphore>,
    bound: u32,
    finished: watch::Receiver<()>,
}

/// The writer's end. Dropped, it says that the writer is done.
#[derive(Debug)]
pub(crate) struct Work {
    jobs: mpsc::UnboundedReceiver<Job>,
    _finished: watch::Sender<()>,
}

impl Queue {
    pub(crate) fn new(bytes: usize) -> (Self, Work) {
        // A semaphore of tokio's holds fewer permits than a usize could ask for.
        let bound = u32::try_from(bytes.max(LEAST))
            .unwrap_or(u32::MAX >> 4)
            .min(u32::MAX >> 4);
        let (jobs, work) = mpsc::unbounded_channel();
        let (sender, finished) = watch::channel(());
        let queue = Self {
            jobs: Mutex::new(Some(jobs)),
            room: Arc::new(Semaphore::new(bound as usize)),
            bound,
            finished,
        };
        let work = Work {
            jobs: work,
            _finished: sender,
        };
        (queue, work)
    }

    /// Parts a call's events so that each part fits, in order.
    pub(crate) fn split<'a>(
        &self,
        events: impl Iterator<Item = &'a WireEvent>,
    ) -> Vec<Vec<WireEvent>> {
        let mut parts: Vec<Vec<WireEvent>> = Vec::new();
        let mut left = 0;
        for event in events {
            let weight = self.weight(std::slice::from_ref(event));
            match parts.last_mut() {
                Some(part) if weight <= left => part.push(event.clone()),
                _ => {
                    parts.push(vec![event.clone()]);
                    left = self.bound;
                }
            }
            left = left.saturating_sub(weight);
        }
        parts
    }

    /// Waits for room and puts a job at the end; `None` when the queue is closed.
    ///
    /// # Cancel safety
    /// Dropped, it has put nothing.
    pub(crate) async fn push(&self, events: Vec<WireEvent>) -> Option<oneshot::Receiver<Answers>> {
        let room = Arc::clone(&self.room).acquire_many_owned(self.weight(&events));
        let room = room.await.ok()?;
        let (reply, answers) = oneshot::channel();
        let job = Job {
            events,
            reply,
            _room: room,
        };
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.as_ref()?.send(job).ok()?;
        Some(answers)
    }

    /// Takes no more jobs. What has come still goes to the writer.
    pub(crate) fn close(&self) {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.take();
        self.room.close();
    }

    /// Waits until the writer is done.
    pub(crate) async fn finished(&self) {
        // Nothing is ever sent: it ends when the writer's end goes away.
        while self.finished.clone().changed().await.is_ok() {}
    }

    fn weight(&self, events: &[WireEvent]) -> u32 {
        let bytes: usize = events
            .iter()
            .map(|event| event.bytes().len().max(LEAST))
            .sum();
        u32::try_from(bytes).unwrap_or(self.bound).min(self.bound)
    }
}

impl Work {
    /// Waits for jobs and takes all there are; none when the queue is closed and empty.
    pub(crate) fn take(&mut self) -> Vec<Job> {
        let mut jobs: Vec<Job> = self.jobs.blocking_recv().into_iter().collect();
        while let Ok(job) = self.jobs.try_recv() {
            jobs.push(job);
        }
        jobs.retain(|job| !job.reply.is_closed());
        jobs
    }

    /// Whether nothing more will come.
    pub(crate) fn is_over(&self) -> bool {
        self.jobs.is_closed() && self.jobs.is_empty()
    }
}

/// What an event counts for at least, in bytes, so that their number is bounded too.
const LEAST: usize = 4 << 10;
