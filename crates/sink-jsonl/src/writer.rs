use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use events_core::{ErrorKind, Outcome, Place, SinkError, chained};

use crate::late::Late;
use crate::log::Log;
use crate::queue::{Answers, Job, Load, Queue};
use crate::{AppendError, Config};

/// The one thread that writes: takes whatever is queued, writes it as one group, answers.
pub(crate) struct Writer {
    log: Log,
    late: Late,
    /// Why the last attempt to write failed, if it did.
    failure: Option<String>,
}

/// What the writer lets others see.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<Figures>);

#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) segments: usize,
    pub(crate) bytes: u64,
    pub(crate) oldest: Option<SystemTime>,
    pub(crate) last_group: usize,
    pub(crate) failure: Option<String>,
}

impl Writer {
    pub(crate) fn new(log: Log, config: &Config) -> Self {
        Self {
            log,
            late: Late::new(Load::bound(config)),
            failure: None,
        }
    }

    /// Works until the queue is closed and empty.
    pub(crate) fn run(mut self, queue: &Queue, seen: &Seen) {
        // Also when this thread panics, nobody waits for it in vain.
        let _finish = Finish(queue);
        loop {
            let turn = queue.take(IDLE);
            if turn.reopen {
                self.log.reopen();
            }
            if !turn.jobs.is_empty() {
                self.write(turn.jobs.into(), seen);
            } else if turn.closed {
                break;
            } else {
                self.log.tidy();
                self.show(seen);
            }
        }
        self.log.close();
    }

    fn write(&mut self, jobs: Vec<Job>, seen: &Seen) {
        let events = jobs.iter().flat_map(|job| &job.events);
        let fresh: Vec<_> = events
            .filter(|event| self.late.place_of(event).is_none())
            .collect();
        let mut places = Vec::new();
        let mut fault = AppendError::Closed;
        if !fresh.is_empty() {
            let appended = self.log.append(&fresh);
            self.note(appended.fault.as_ref());
            seen.lock().last_group = fresh.len();
            places = appended.places;
            fault = appended.fault.unwrap_or(fault);
        }
        self.show(seen);
        let error = fault.refusal(ErrorKind::Unavailable);
        self.answer(jobs, places, &error);
    }

    /// Answers every job out of the places of the fresh events, which come in order.
    fn answer(&mut self, jobs: Vec<Job>, places: Vec<Place>, error: &SinkError) {
        let mut places = places.into_iter();
        let mut unheard = Vec::new();
        for Job { events, reply, .. } in jobs {
            let answers = events.iter().map(|event| {
                let earlier = self.late.place_of(event).cloned();
                match earlier.or_else(|| places.next()) {
                    Some(place) => Ok(Outcome::delivered(event, place)),
                    None => Err(error.clone()),
                }
            });
            let answers: Answers = answers.collect();
            if let Err(answers) = reply.send(answers) {
                unheard.extend(events.into_iter().zip(answers));
            }
        }
        for (event, answer) in unheard {
            if let Ok(outcome) = answer {
                self.late
                    .remember(&event, outcome.receipt().place().clone());
            }
        }
    }

    /// Says in the log when writing begins to fail and when it works again, once each.
    fn note(&mut self, fault: Option<&AppendError>) {
        let failure = fault.map(|fault| chained(fault));
        match (&failure, &self.failure) {
            (Some(reason), None) => tracing::error!(reason, "the journal cannot take events"),
            (None, Some(_)) => tracing::info!("the journal takes events again"),
            _ => {}
        }
        self.failure = failure;
    }

    /// Lets others see how the log stands.
    pub(crate) fn show(&self, seen: &Seen) {
        let mut figures = seen.lock();
        figures.segments = self.log.segments();
        figures.bytes = self.log.bytes();
        figures.oldest = self.log.oldest();
        figures.failure.clone_from(&self.failure);
    }
}

impl Seen {
    pub(crate) fn figures(&self) -> Figures {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Figures> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Finish<'a>(&'a Queue);

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        self.0.finish();
    }
}

/// How often retention is looked at when nothing comes in.
const IDLE: Duration = Duration::from_secs(60);
