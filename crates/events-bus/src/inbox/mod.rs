mod state;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use events_core::subject::SubjectPattern;
use tokio::sync::{Mutex as Turn, Notify};

use self::state::State;
use crate::subscription::Received;
use crate::{Heard, Item, Queue};

/// A subscriber's queue: filled by whoever publishes, emptied by the subscription.
#[derive(Debug)]
pub(crate) struct Inbox {
    place: Place,
    queue: Queue,
    state: Mutex<State>,
    /// Room was made.
    room: Notify,
    /// Those who wait for room do so one after another.
    pub(crate) turn: Turn<()>,
}

/// Where a subscription stands among others.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) id: u64,
    pub(crate) of: Of,
    pub(crate) pattern: SubjectPattern,
}

/// What a subscription's pattern is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Of {
    Subjects,
    Types,
    /// Subjects of what was spilled.
    Spilled,
}

/// What became of an offer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Offer {
    /// It is in the queue.
    Taken,
    /// It is, and one before it went.
    TakenForOldest,
    /// It is missed, since the subscriber took nothing since somebody waited for it in vain.
    Late,
    /// It is passed over, as the subscriber asked.
    Skipped,
    /// There is no room: wait, behind those who wait already.
    Wait,
    /// There is no room, so the subscription ended just now.
    Disconnected,
    /// The subscription has ended.
    Gone,
}

/// What became of an event that has waited.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Pushed {
    /// It is in the queue.
    Taken,
    /// Somebody who came earlier waited in vain.
    Late,
    /// The subscription has ended.
    Gone,
}

impl Inbox {
    pub(crate) fn new(place: Place, queue: Queue) -> Self {
        Self {
            place,
            queue,
            state: Mutex::default(),
            room: Notify::new(),
            turn: Turn::new(()),
        }
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) fn id(&self) -> u64 {
        self.place.id
    }

    pub(crate) fn queue(&self) -> &Queue {
        &self.queue
    }

    /// Puts an event in, if there is room for it. Never waits.
    pub(crate) fn offer(&self, heard: &Heard) -> Offer {
        let mut state = self.state();
        let offer = state.offer(heard, &self.queue);
        wake(state, offer);
        offer
    }

    /// Puts in an event that has waited, once there is room.
    pub(crate) async fn push(&self, heard: &Heard) -> Pushed {
        loop {
            let room = self.room.notified();
            {
                let mut state = self.state();
                if state.is_over() {
                    return Pushed::Gone;
                }
                if state.late {
                    return Pushed::Late;
                }
                if state.has_room(heard, &self.queue) {
                    state.push(heard);
                    wake(state, Offer::Taken);
                    return Pushed::Taken;
                }
            }
            room.await;
        }
    }

    /// From now on what comes waits behind those who wait already.
    pub(crate) fn begin_waiting(&self) {
        self.state().waiting += 1;
    }

    /// Ends one wait, for which `left` events are missed. Where it was `in_vain`, nobody waits any
    /// more until the subscriber takes something.
    pub(crate) fn stop_waiting(&self, left: u64, in_vain: bool) {
        let mut state = self.state();
        state.waiting = state.waiting.saturating_sub(1);
        if left > 0 && !state.is_over() {
            state.late |= in_vain;
            state.miss_newest(left);
            wake(state, Offer::Taken);
        }
    }

    /// Says that events did not come, nobody knows how many.
    pub(crate) fn break_off(&self) {
        let mut state = self.state();
        if !state.is_over() {
            state.break_off();
            wake(state, Offer::Taken);
        }
    }

    /// No more events come; those in the queue stay.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.close();
        wake(state, Offer::Taken);
        self.room.notify_waiters();
    }

    /// Nobody takes events any more.
    pub(crate) fn abandon(&self) {
        let mut state = self.state();
        let left = state.abandon();
        drop(state);
        drop(left);
        self.room.notify_waiters();
    }

    pub(crate) fn poll_take(&self, cx: &Context<'_>) -> Poll<Option<Item>> {
        let mut state = self.state();
        match state.take() {
            Some(item) => {
                drop(state);
                self.room.notify_one();
                Poll::Ready(Some(item))
            }
            None if state.is_over() => Poll::Ready(None),
            None => {
                state.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    pub(crate) fn received(&self) -> Received {
        self.state().received
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes the subscriber with the lock released: a waker may run anything.
fn wake(mut state: MutexGuard<'_, State>, offer: Offer) {
    let news = !matches!(offer, Offer::Wait | Offer::Skipped | Offer::Gone);
    let waker = if news { state.waker.take() } else { None };
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}
