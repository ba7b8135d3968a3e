use std::collections::VecDeque;
use std::task::Waker;

use super::Offer;
use crate::subscription::Received;
use crate::{Heard, Item, Lag, Queue};

/// What is in a queue, and what became of the rest.
#[derive(Debug, Default)]
pub(super) struct State {
    slots: VecDeque<Slot>,
    events: usize,
    bytes: usize,
    pub(super) waiting: usize,
    /// Somebody waited for room in vain, and nothing was taken since.
    pub(super) late: bool,
    end: Option<End>,
    pub(super) waker: Option<Waker>,
    pub(super) received: Received,
}

impl State {
    pub(super) fn offer(&mut self, heard: &Heard, queue: &Queue) -> Offer {
        if self.is_over() {
            return Offer::Gone;
        }
        if self.late && matches!(queue.lag, Lag::Wait(_)) {
            self.miss_newest(1);
            return Offer::Late;
        }
        if self.waiting > 0 {
            return Offer::Wait;
        }
        if self.has_room(heard, queue) {
            self.push(heard);
            return Offer::Taken;
        }
        match queue.lag {
            Lag::Wait(_) => Offer::Wait,
            Lag::DropOldest => {
                while !self.has_room(heard, queue) && self.miss_oldest() {}
                self.push(heard);
                Offer::TakenForOldest
            }
            Lag::Skip => Offer::Skipped,
            Lag::Disconnect => {
                self.miss_newest(1);
                self.end = Some(End::Disconnected);
                Offer::Disconnected
            }
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.end.is_some()
    }

    pub(super) fn has_room(&self, heard: &Heard, queue: &Queue) -> bool {
        let length = heard.event().bytes().len();
        self.events == 0
            || (self.events < queue.events && self.bytes.saturating_add(length) <= queue.bytes)
    }

    pub(super) fn push(&mut self, heard: &Heard) {
        self.events += 1;
        self.bytes += heard.event().bytes().len();
        self.slots.push_back(Slot::Event(heard.clone()));
    }

    /// Counts events that are newer than all in the queue as missed.
    pub(super) fn miss_newest(&mut self, events: u64) {
        self.received.missed += events;
        let mut tail = self.slots.iter_mut().rev();
        let missed = tail
            .by_ref()
            .take_while(|slot| !matches!(slot, Slot::Event(_)))
            .find_map(Slot::missed);
        match missed {
            Some(missed) => *missed += events,
            None => self.slots.push_back(Slot::Missed(events)),
        }
    }

    /// Notes a break behind all in the queue, unless one stands there since the last event.
    pub(super) fn break_off(&mut self) {
        let mut tail = self.slots.iter().rev();
        let noted = tail
            .by_ref()
            .take_while(|slot| !matches!(slot, Slot::Event(_)))
            .any(|slot| matches!(slot, Slot::Break));
        if !noted {
            self.slots.push_back(Slot::Break);
        }
    }

    /// Lets the oldest event go, and says so in its place. False where there is none.
    fn miss_oldest(&mut self) -> bool {
        let (mut gone, mut missed, mut broke) = (false, 0, false);
        while let Some(slot) = self.slots.pop_front() {
            match slot {
                Slot::Missed(before) => missed += before,
                Slot::Break => broke = true,
                Slot::Event(heard) => {
                    self.events -= 1;
                    self.bytes -= heard.event().bytes().len();
                    self.received.missed += 1;
                    missed += 1;
                    gone = true;
                    break;
                }
            }
        }
        self.slots.push_front(Slot::Missed(missed));
        if broke {
            self.slots.push_front(Slot::Break);
        }
        gone
    }

    /// No more events come.
    pub(super) fn close(&mut self) {
        self.end = self.end.or(Some(End::Closed));
    }

    /// Nobody takes what is left, which is returned to be dropped.
    pub(super) fn abandon(&mut self) -> impl Sized + use<> {
        self.end = Some(End::Closed);
        self.events = 0;
        self.bytes = 0;
        std::mem::take(&mut self.slots)
    }

    /// The next item, if there is one.
    pub(super) fn take(&mut self) -> Option<Item> {
        match self.slots.pop_front() {
            Some(Slot::Event(heard)) => {
                self.late = false;
                self.events -= 1;
                self.bytes -= heard.event().bytes().len();
                self.received.events += 1;
                Some(Item::Event(heard))
            }
            Some(Slot::Missed(missed)) => Some(Item::Lagged {
                missed: Some(missed),
            }),
            Some(Slot::Break) => Some(Item::Lagged { missed: None }),
            None if self.end == Some(End::Disconnected) => {
                self.end = Some(End::Closed);
                Some(Item::Disconnected)
            }
            None => None,
        }
    }
}

#[derive(Debug)]
enum Slot {
    Event(Heard),
    Missed(u64),
    Break,
}

impl Slot {
    fn missed(&mut self) -> Option<&mut u64> {
        match self {
            Self::Missed(missed) => Some(missed),
            Self::Event(_) | Self::Break => None,
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    Closed,
    /// Behind what is in the queue the subscriber is told so.
    Disconnected,
}
