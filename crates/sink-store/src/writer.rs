use std::sync::{Arc, Mutex, PoisonError};

use events_core::{Outcome, Place, SinkError, WireEvent, chained};

use crate::StoreError;
use crate::backend::{Backend, Stored};
use crate::queue::{Job, Work};
use crate::row::Row;

/// The one thread that writes: takes whatever is queued, commits it at once, answers.
pub(crate) struct Writer {
    backend: Box<dyn Backend>,
    failure: Failure,
}

/// Why the last attempt to write failed, if it did.
pub(crate) type Failure = Arc<Mutex<Option<StoreError>>>;

impl Writer {
    pub(crate) fn new(backend: Box<dyn Backend>, failure: Failure) -> Self {
        Self { backend, failure }
    }

    /// Works until the queue is closed and empty.
    pub(crate) fn run(mut self, mut work: Work) {
        while !work.is_over() {
            let jobs = work.take();
            self.write(jobs);
        }
    }

    fn write(&mut self, jobs: Vec<Job>) {
        let events = jobs.iter().flat_map(|job| &job.events);
        let events: Vec<&WireEvent> = events.collect();
        if events.is_empty() {
            return;
        }
        let rows: Vec<Row<'_>> = events.iter().map(|event| Row::of(event)).collect();
        let mut results = Vec::with_capacity(rows.len());
        self.store(&rows, &mut results);
        let mut answers = events.iter().zip(results).map(|(event, result)| {
            let outcome = result.map(|stored| outcome(event, stored));
            outcome.map_err(|error| SinkError::caused(error.kind(), STORE, error))
        });
        let mut all = Vec::new();
        for job in &jobs {
            all.push(answers.by_ref().take(job.events.len()).collect());
        }
        for (Job { events, reply, .. }, answers) in jobs.into_iter().zip(all) {
            // A number that nobody keeps is void once the caller lets go too, not some time later.
            drop(events);
            // Who went away meanwhile asks again, and finds the row there.
            drop(reply.send(answers));
        }
    }

    /// Stores rows together, and in halves where one of them is refused, so that it fails alone.
    fn store(&mut self, rows: &[Row<'_>], results: &mut Vec<Result<Stored, StoreError>>) {
        match self.backend.write(rows) {
            Ok(stored) => {
                self.note(None);
                results.extend(stored.into_iter().map(Ok));
            }
            Err(StoreError::Refused { .. }) if rows.len() > 1 => {
                let (first, second) = rows.split_at(rows.len() / 2);
                self.store(first, results);
                self.store(second, results);
            }
            Err(error) => {
                self.note(Some(&error));
                results.extend(rows.iter().map(|_| Err(error.clone())));
            }
        }
    }

    /// Says in the log when storing begins to fail and when it works again, once each.
    fn note(&self, failure: Option<&StoreError>) {
        // A refused event says nothing of the store.
        let failure = failure.filter(|error| !matches!(error, StoreError::Refused { .. }));
        let mut before = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        match (failure, &*before) {
            (Some(error), None) => {
                tracing::warn!(reason = chained(error), "the store cannot take events");
            }
            (None, Some(_)) => tracing::info!("the store takes events again"),
            _ => {}
        }
        *before = failure.cloned();
    }
}

fn outcome(event: &WireEvent, stored: Stored) -> Outcome {
    let row = u64::try_from(stored.row).unwrap_or_default();
    let place = Place::Store { row };
    match stored.is_same {
        true => Outcome::delivered(event, place),
        false => Outcome::delivered_before(event, place),
    }
}

/// What every refusal was doing.
pub(crate) const STORE: &str = "store the event";
