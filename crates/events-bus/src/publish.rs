use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use events_core::subject::Routes;
use events_core::{Outcome, SinkError, WireEvent};
use futures::future::join_all;
use tokio::time::timeout;
use tracing::warn;

use crate::counts::Counters;
use crate::inbox::{Inbox, Of, Offer, Pushed};
use crate::index::Index;
use crate::{Heard, Lag};

/// The subscribers of a bus.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    /// Those who subscribed to subjects.
    pub(crate) subjects: Index,
    /// Those who subscribed to types.
    pub(crate) types: Index,
    /// Those who subscribed to what is spilled.
    pub(crate) spilled: Index,
    pub(crate) counters: Counters,
}

impl Registry {
    pub(crate) fn is_idle(&self) -> bool {
        self.wants_spilled_alone() && self.spilled.is_empty()
    }

    fn wants_spilled_alone(&self) -> bool {
        self.subjects.is_empty() && self.types.is_empty()
    }

    /// Gives events, in order, to everybody who wants them, and then waits for those who may be
    /// waited for.
    ///
    /// # Cancel safety
    /// Dropped while it waits, what was waited for is missed, told and counted.
    pub(crate) async fn publish(&self, events: impl IntoIterator<Item = Heard>) {
        let mut held = Held::default();
        for heard in events {
            self.offer(&heard, &mut held);
        }
        held.wait().await;
    }

    /// Gives an event to everybody who wants it and waits for nobody: who would be waited for
    /// misses it where there is no room, is told, and is counted.
    pub(crate) fn publish_at_once(&self, heard: &Heard) {
        self.offer(heard, &mut Held::default());
    }

    /// The event as subscribers get it, where it has a subject and anybody could want it.
    pub(crate) fn hear(
        &self,
        event: &WireEvent,
        outcome: Option<&Outcome>,
        routes: &Routes,
    ) -> Option<Heard> {
        if self.wants_spilled_alone() && !matches!(outcome, Some(Outcome::Spilled(_))) {
            return None;
        }
        match routes.resolve(event.attributes()) {
            Ok((_, subject)) => Some(Heard::after(outcome, subject, event.clone())),
            Err(violations) => {
                self.counters.unroutable.add(1);
                let error = SinkError::invalid(violations);
                warn!(msg_id = %event.message_id(), ?error, "an event has no subject to be heard on");
                None
            }
        }
    }

    /// Counts that events did not come, and tells every subscriber.
    pub(crate) fn break_off(&self) {
        self.counters.breaks.add(1);
        self.tell_break();
    }

    /// Tells every subscriber that there may be events that did not come.
    pub(crate) fn tell_break(&self) {
        for inbox in self.inboxes() {
            inbox.break_off();
        }
    }

    /// Ends every subscription behind what is in its queue.
    pub(crate) fn close(&self) {
        for inbox in self.inboxes() {
            inbox.close();
        }
    }

    pub(crate) fn subscriptions(&self) -> usize {
        let indexes = [&self.subjects, &self.types, &self.spilled];
        indexes.map(Index::subscriptions).iter().sum()
    }

    /// Adds a subscription.
    pub(crate) fn insert(&self, inbox: Arc<Inbox>) {
        self.index(&inbox).insert(inbox);
    }

    /// Takes a subscription out, if it is not out already.
    pub(crate) fn remove(&self, inbox: &Inbox) {
        self.index(inbox).remove(inbox);
    }

    fn index(&self, inbox: &Inbox) -> &Index {
        match inbox.place().of {
            Of::Subjects => &self.subjects,
            Of::Types => &self.types,
            Of::Spilled => &self.spilled,
        }
    }

    fn inboxes(&self) -> impl Iterator<Item = Arc<Inbox>> {
        let indexes = [&self.subjects, &self.types, &self.spilled];
        indexes.into_iter().flat_map(Index::inboxes)
    }

    fn offer<'a>(&'a self, heard: &Heard, held: &mut Held<'a>) {
        let subjects = self.subjects.matching(heard.subject().as_str());
        let types = self.types.matching(heard.kind());
        let spilled = match heard.is_spilled() {
            true => self.spilled.matching(heard.subject().as_str()),
            false => Arc::default(),
        };
        let (mut taken, mut oldest, mut late) = (0, 0, 0);
        for inbox in subjects.iter().chain(types.iter()).chain(spilled.iter()) {
            match inbox.offer(heard) {
                Offer::Taken => taken += 1,
                Offer::TakenForOldest => (taken, oldest) = (taken + 1, oldest + 1),
                Offer::Late => late += 1,
                Offer::Wait => held.add(inbox, heard, &self.counters),
                Offer::Disconnected => {
                    self.counters.disconnected.add(1);
                    self.remove(inbox);
                }
                Offer::Skipped | Offer::Gone => {}
            }
        }
        self.counters.published.add(1);
        self.counters.delivered.add(taken);
        self.counters.dropped_oldest.add(oldest);
        self.counters.dropped_late.add(late);
    }
}

/// Events that wait for room, by inbox.
#[derive(Default)]
struct Held<'a> {
    waits: HashMap<u64, Wait<'a>>,
}

impl<'a> Held<'a> {
    fn add(&mut self, inbox: &Arc<Inbox>, heard: &Heard, counters: &'a Counters) {
        let wait = self.waits.entry(inbox.id()).or_insert_with(|| {
            inbox.begin_waiting();
            Wait {
                inbox: Arc::clone(inbox),
                events: VecDeque::new(),
                in_vain: false,
                counters,
            }
        });
        wait.events.push_back(heard.clone());
    }

    async fn wait(self) {
        if !self.waits.is_empty() {
            join_all(self.waits.into_values().map(Wait::finish)).await;
        }
    }
}

/// Events that wait for room in one inbox. Dropped, those left are missed.
struct Wait<'a> {
    inbox: Arc<Inbox>,
    events: VecDeque<Heard>,
    /// Whether the subscriber had all its time.
    in_vain: bool,
    counters: &'a Counters,
}

impl Wait<'_> {
    async fn finish(mut self) {
        if let Lag::Wait(patience) = self.inbox.queue().lag {
            self.in_vain = timeout(patience, self.push()).await.is_err();
        }
    }

    async fn push(&mut self) {
        let _turn = self.inbox.turn.lock().await;
        while let Some(heard) = self.events.front() {
            match self.inbox.push(heard).await {
                Pushed::Taken => self.counters.delivered.add(1),
                Pushed::Gone => {}
                Pushed::Late => return,
            }
            self.events.pop_front();
        }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        let left = self.events.len() as u64;
        self.counters.dropped_late.add(left);
        self.inbox.stop_waiting(left, self.in_vain);
    }
}
