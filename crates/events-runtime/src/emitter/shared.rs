use std::sync::{Mutex, MutexGuard, PoisonError};
use std::vec;

use events_core::{ErrorKind, Event, SinkError};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout_at};

use super::config::Config;
use super::pending::{Answer, Pending, channel};
use super::queue::{Batch, Due, Queue};
use super::size::estimate;
use super::{Counts, Load};

/// What the handles of an emitter and its dispatcher have in common.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// Held by the one caller that waits for room, so that callers get it in the order they came.
    turn: tokio::sync::Mutex<()>,
    room: Notify,
    work: Notify,
    settled_before: watch::Sender<u64>,
}

/// An accepted event.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) event: Event,
    pub(super) answer: Answer,
}

/// Events to hand over, and what became of those that were.
#[derive(Debug)]
pub(super) struct Offer {
    events: vec::IntoIter<Event>,
    /// The first of the events still to hand over.
    next: Option<Event>,
    results: Vec<Result<Pending, SinkError>>,
}

#[derive(Debug)]
struct State {
    queue: Queue<Item>,
    callers_in_line: usize,
    counts: Counts,
}

impl Shared {
    pub(super) fn new(config: Config) -> Self {
        Self {
            state: Mutex::new(State {
                queue: Queue::new(config),
                callers_in_line: 0,
                counts: Counts::default(),
            }),
            turn: tokio::sync::Mutex::default(),
            room: Notify::new(),
            work: Notify::new(),
            settled_before: watch::Sender::new(0),
        }
    }

    /// Hands over at once what there is room for, unless others wait for room already.
    pub(super) fn hand_over(&self, offer: &mut Offer) {
        let mut state = self.lock();
        if state.callers_in_line == 0 || state.queue.is_closed() {
            self.push(&mut state, offer);
        }
    }

    /// Hands over the rest, waiting for room in line with others.
    ///
    /// # Cancel safety
    /// What was handed over stays so; the rest was not.
    pub(super) async fn hand_over_in_line(&self, offer: &mut Offer) {
        let _place = PlaceInLine::take(self);
        let _turn = self.turn.lock().await;
        loop {
            self.push(&mut self.lock(), offer);
            if offer.is_done() {
                return;
            }
            self.room.notified().await;
        }
    }

    /// Gives up on the rest of an offer, since there is no room.
    pub(super) fn refuse(&self, offer: &mut Offer) {
        let mut state = self.lock();
        while offer.next().is_some() {
            state.counts.refused += 1;
            offer.results.push(Err(SinkError::new(
                ErrorKind::Saturated,
                "find room in the emitter's queue",
            )));
        }
    }

    /// The next batch, once it is due; `None` when there will be no more.
    pub(super) async fn next_batch(&self) -> Option<Batch<Item>> {
        loop {
            let due = {
                let mut state = self.lock();
                match state.queue.due(Instant::now()) {
                    Due::Now => return state.queue.take(),
                    due => due,
                }
            };
            match due {
                Due::Never | Due::Now => return None,
                Due::WithTheNextItem => self.work.notified().await,
                Due::At(time) => {
                    // Either way there is something to look at.
                    timeout_at(time, self.work.notified()).await.ok();
                }
            }
        }
    }

    /// A batch is done with; that many of its events got no answer.
    pub(super) fn settle(&self, first: u64, unanswered: usize) {
        let mut state = self.lock();
        state.queue.settle(first);
        state.counts.unanswered += unanswered as u64;
        drop(state);
        self.moved();
    }

    /// The number up to which all events handed over so far are numbered.
    pub(super) fn hurry(&self) -> u64 {
        let mut state = self.lock();
        state.queue.hurry();
        let pushed = state.queue.pushed();
        drop(state);
        self.work.notify_one();
        pushed
    }

    /// Waits until every event numbered below `number` is settled.
    pub(super) async fn settled(&self, number: u64) {
        let mut settled_before = self.settled_before.subscribe();
        // The sender is ours, so it cannot be gone.
        settled_before
            .wait_for(|before| *before >= number)
            .await
            .ok();
    }

    pub(super) fn close(&self) {
        self.lock().queue.close();
        self.work.notify_one();
        self.room.notify_one();
    }

    /// Closes the queue and drops what waits in it, which answers whoever asks.
    pub(super) fn abandon(&self) {
        let mut state = self.lock();
        let abandoned = state.queue.abandon();
        state.counts.unanswered += abandoned.len() as u64;
        drop(state);
        drop(abandoned);
        self.moved();
    }

    pub(super) fn load(&self) -> Load {
        let state = self.lock();
        let care = state.queue.care();
        Load {
            events: care.events,
            bytes: care.bytes,
            batches: state.queue.batches_in_flight(),
        }
    }

    pub(super) fn counts(&self) -> Counts {
        self.lock().counts
    }

    fn push(&self, state: &mut State, offer: &mut Offer) {
        let now = Instant::now();
        while let Some(event) = offer.next() {
            if state.queue.is_closed() {
                state.counts.refused += 1;
                offer.results.push(Err(SinkError::new(
                    ErrorKind::Unavailable,
                    "hand over to an emitter that was shut down",
                )));
                continue;
            }
            let bytes = estimate(&event);
            if !state.queue.has_room(bytes) {
                offer.next = Some(event);
                break;
            }
            let (answer, pending) = channel();
            state.queue.push(Item { event, answer }, bytes, now);
            state.counts.accepted += 1;
            offer.results.push(Ok(pending));
        }
        self.work.notify_one();
    }

    /// Tells those who wait that something was settled.
    fn moved(&self) {
        let before = self.lock().queue.settled_before();
        self.settled_before.send_if_modified(|known| {
            let newer = before > *known;
            *known = before.max(*known);
            newer
        });
        self.room.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Offer {
    pub(super) fn new(events: Vec<Event>) -> Self {
        Self {
            results: Vec::with_capacity(events.len()),
            events: events.into_iter(),
            next: None,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.next.is_none() && self.events.len() == 0
    }

    /// One result for each event that was handed over or refused, in order.
    pub(super) fn into_results(self) -> Vec<Result<Pending, SinkError>> {
        self.results
    }

    fn next(&mut self) -> Option<Event> {
        self.next.take().or_else(|| self.events.next())
    }
}

/// A caller that waits for room; while there is one, nobody overtakes it.
struct PlaceInLine<'a>(&'a Shared);

impl<'a> PlaceInLine<'a> {
    fn take(shared: &'a Shared) -> Self {
        shared.lock().callers_in_line += 1;
        Self(shared)
    }
}

impl Drop for PlaceInLine<'_> {
    fn drop(&mut self) {
        self.0.lock().callers_in_line -= 1;
    }
}
