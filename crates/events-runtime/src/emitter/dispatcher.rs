use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use events_core::{EventSink, EventSinkExt as _, Outcome, SinkError, WireEvent};
use futures::FutureExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tracing::error;

use super::pending::{Answer, Stored};
use super::queue::Batch;
use super::shared::{Item, Shared};
use crate::first_step::first_step;

/// Makes batches of what is queued and sees to their delivery, until the queue is closed and
/// empty. Dropped before that, it leaves everything without an answer, which says so.
///
/// Batches are sealed and begun one after another, in this task, and finished side by side.
pub(super) async fn run(shared: Arc<Shared>, sink: Arc<dyn EventSink>, in_flight: usize) {
    let _end = End(shared.clone());
    let in_flight = Arc::new(Semaphore::new(in_flight.clamp(1, Semaphore::MAX_PERMITS)));
    let mut flights = JoinSet::new();
    // Room for a batch comes first: what arrives while waiting for it joins the batch.
    while let Ok(slot) = in_flight.clone().acquire_owned().await {
        let Some(batch) = shared.next_batch().await else {
            break;
        };
        while flights.try_join_next().is_some() {}
        let (events, flight) = Flight::take(shared.clone(), batch, slot);
        let Ok(sealed) = catch_unwind(AssertUnwindSafe(|| sink.seal(events))) else {
            error!("the sink panicked while it prepared a batch");
            continue;
        };
        let delivery = deliver(sink.clone(), sealed, flight);
        if let Some(rest) = first_step(delivery.boxed()).await {
            flights.spawn(rest);
        }
    }
    while flights.join_next().await.is_some() {}
}

async fn deliver(
    sink: Arc<dyn EventSink>,
    sealed: Vec<Result<WireEvent, SinkError>>,
    mut flight: Flight,
) {
    let mut events = Vec::with_capacity(sealed.len());
    let mut answers = Vec::with_capacity(sealed.len());
    for (result, answer) in sealed.into_iter().zip(flight.answers.drain(..)) {
        match result {
            Ok(event) => {
                events.push(event);
                answers.push(answer);
            }
            Err(error) => answer.give(Err(error)),
        }
    }
    flight.answers = answers;
    if events.is_empty() {
        return;
    }
    let delivery = AssertUnwindSafe(async { sink.deliver(&events).await });
    match delivery.catch_unwind().await {
        Ok(results) => flight.land(events, results),
        Err(_panic) => error!("the sink panicked while it delivered a batch"),
    }
}

/// The care for one batch. Whatever becomes of it, those who wait are answered and its room is
/// free when it is dropped.
struct Flight {
    answers: Vec<Answer>,
    first: u64,
    shared: Arc<Shared>,
    _slot: OwnedSemaphorePermit,
}

impl Flight {
    fn take(
        shared: Arc<Shared>,
        batch: Batch<Item>,
        slot: OwnedSemaphorePermit,
    ) -> (Vec<events_core::Event>, Self) {
        let items = batch.items.into_iter();
        let (events, answers) = items.map(|item| (item.event, item.answer)).unzip();
        let flight = Self {
            answers,
            first: batch.first,
            shared,
            _slot: slot,
        };
        (events, flight)
    }

    fn land(mut self, events: Vec<WireEvent>, results: Vec<Result<Outcome, SinkError>>) {
        let answered = self.answers.len().min(results.len());
        let answers = self.answers.drain(..answered);
        for ((answer, event), result) in answers.zip(events).zip(results) {
            answer.give(result.map(|outcome| Stored { event, outcome }));
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let unanswered = self.answers.drain(..).count();
        self.shared.settle(self.first, unanswered);
    }
}

/// Nothing is left waiting for a dispatcher that is gone.
struct End(Arc<Shared>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.abandon();
    }
}
