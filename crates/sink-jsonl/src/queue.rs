use std::collections::VecDeque;
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use events_core::{Outcome, SinkError, WireEvent};
use tokio::sync::{oneshot, watch};

use crate::Config;

/// Hands jobs to the writer in the order they came, some in the queue, which is bounded, and the
/// others outside, each with the caller who waits for it.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    work: Condvar,
    bound: Load,
    finished: watch::Sender<bool>,
}

/// One call's events, or as many of them as fit into the queue.
#[derive(Debug)]
pub(crate) struct Job {
    ticket: u64,
    load: Load,
    pub(crate) events: Vec<WireEvent>,
    pub(crate) reply: oneshot::Sender<Answers>,
}

/// One result for each event of a job.
pub(crate) type Answers = Vec<Result<Outcome, SinkError>>;

/// A caller's claim on the answers of its job. Dropped, it takes back what nobody has begun.
#[derive(Debug)]
pub(crate) struct Ticket<'a> {
    queue: &'a Queue,
    number: u64,
    answers: oneshot::Receiver<Answers>,
    is_answered: bool,
}

/// What the writer is to do next.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    pub(crate) jobs: VecDeque<Job>,
    pub(crate) reopen: bool,
    pub(crate) closed: bool,
}

/// How much waits.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Load {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

#[derive(Debug, Default)]
struct State {
    inside: VecDeque<Job>,
    outside: VecDeque<Job>,
    load: Load,
    last_ticket: u64,
    reopen: bool,
    closed: bool,
    finished: bool,
}

impl Queue {
    pub(crate) fn new(bound: Load) -> Self {
        Self {
            state: Mutex::default(),
            work: Condvar::new(),
            bound,
            finished: watch::Sender::new(false),
        }
    }

    /// Puts a job at the end; `None` when the queue is closed.
    pub(crate) fn push(&self, events: Vec<WireEvent>) -> Option<Ticket<'_>> {
        let (reply, answers) = oneshot::channel();
        let mut state = self.state();
        if state.closed {
            return None;
        }
        state.last_ticket += 1;
        let number = state.last_ticket;
        state.outside.push_back(Job {
            ticket: number,
            load: Load::of(&events),
            events,
            reply,
        });
        // The writer waits for the first only; for the others it need not be woken.
        let is_first = state.inside.is_empty();
        state.let_in(self.bound);
        drop(state);
        if is_first {
            self.work.notify_all();
        }
        Some(Ticket {
            queue: self,
            number,
            answers,
            is_answered: false,
        })
    }

    /// Waits until there is something to do, at most for `idle`, and takes all of it.
    pub(crate) fn take(&self, idle: Duration) -> Turn {
        let is_idle = |state: &mut State| state.inside.is_empty() && !state.reopen && !state.closed;
        let (mut state, _) = self
            .work
            .wait_timeout_while(self.state(), idle, is_idle)
            .unwrap_or_else(PoisonError::into_inner);
        let turn = Turn {
            jobs: mem::take(&mut state.inside),
            reopen: mem::take(&mut state.reopen),
            closed: state.closed,
        };
        state.load = Load::default();
        state.let_in(self.bound);
        turn
    }

    /// What is in the queue.
    pub(crate) fn load(&self) -> Load {
        self.state().load
    }

    /// Whether it takes no more jobs.
    pub(crate) fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// Tells the writer to begin a new segment.
    pub(crate) fn reopen(&self) {
        self.state().reopen = true;
        self.work.notify_all();
    }

    /// Takes no more jobs. What has come still goes to the writer.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.work.notify_all();
    }

    /// The writer's last word: nothing more is taken, and whoever still waits learns it.
    pub(crate) fn finish(&self) {
        let mut state = self.state();
        state.closed = true;
        state.finished = true;
        let left = (mem::take(&mut state.inside), mem::take(&mut state.outside));
        drop(state);
        drop(left);
        self.work.notify_all();
        self.finished.send_replace(true);
    }

    /// Waits for the writer's last word, without blocking.
    pub(crate) async fn finished(&self) {
        // It cannot fail while `self` holds the sender.
        drop(
            self.finished
                .subscribe()
                .wait_for(|finished| *finished)
                .await,
        );
    }

    /// The same, blocking, at most for `patience`; says whether it came.
    pub(crate) fn finished_within(&self, patience: Duration) -> bool {
        let (state, _) = self
            .work
            .wait_timeout_while(self.state(), patience, |state| !state.finished)
            .unwrap_or_else(PoisonError::into_inner);
        state.finished
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket<'_> {
    /// Waits for the answers; `None` when the writer is gone.
    pub(crate) async fn answers(&mut self) -> Option<Answers> {
        let answers = (&mut self.answers).await;
        self.is_answered = true;
        answers.ok()
    }

    /// Takes the job back, so that nothing of it will be written; false when it has been begun.
    pub(crate) fn withdraw(&self) -> bool {
        let mut state = self.queue.state();
        if let Some(job) = remove(&mut state.inside, self.number) {
            state.load.take_away(job.load);
            state.let_in(self.queue.bound);
            return true;
        }
        remove(&mut state.outside, self.number).is_some()
    }

    /// Answers that come from now on go nowhere, and the writer notices; those that came just
    /// before are returned.
    pub(crate) fn give_up(&mut self) -> Option<Answers> {
        self.answers.close();
        self.answers.try_recv().ok()
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if !self.is_answered {
            self.withdraw();
        }
    }
}

impl State {
    /// Lets jobs in from outside, in order, while they fit. One that never fits comes in alone.
    fn let_in(&mut self, bound: Load) {
        while let Some(job) = self.outside.front() {
            let load = self.load.and(job.load);
            if load.exceeds(bound) && !self.inside.is_empty() {
                break;
            }
            self.load = load;
            self.inside.extend(self.outside.pop_front());
        }
    }
}

impl Load {
    pub(crate) fn bound(config: &Config) -> Self {
        Self {
            events: config.queue_events,
            bytes: config.queue_bytes,
        }
    }

    pub(crate) fn of(events: &[WireEvent]) -> Self {
        Self {
            events: events.len(),
            bytes: events.iter().map(|event| event.bytes().len()).sum(),
        }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            events: self.events.saturating_add(other.events),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }

    pub(crate) fn exceeds(self, bound: Self) -> bool {
        self.events > bound.events || self.bytes > bound.bytes
    }

    fn take_away(&mut self, other: Self) {
        self.events = self.events.saturating_sub(other.events);
        self.bytes = self.bytes.saturating_sub(other.bytes);
    }
}

/// Jobs stand in the order of their tickets.
fn remove(jobs: &mut VecDeque<Job>, ticket: u64) -> Option<Job> {
    let position = jobs.binary_search_by_key(&ticket, |job| job.ticket).ok()?;
    jobs.remove(position)
}
