use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use events_core::{MessageId, Outcome, Place, WireEvent};

/// Remembers which children have an event that failed as a whole, so that they are not sent it
/// again. Bounded: the oldest is forgotten first, and what that costs is a duplicate delivery.
#[derive(Debug, Default)]
pub(super) struct Ledger(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    by_id: HashMap<MessageId, Entry>,
    by_age: BTreeMap<u64, MessageId>,
    next_age: u64,
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    bytes: Bytes,
    age: u64,
    /// The children that have the event, by position.
    kept: Vec<(usize, Kept)>,
}

#[derive(Clone, Debug)]
enum Kept {
    Delivered(Place),
    Spilled(Place),
}

impl Ledger {
    /// The children that have this event, with these very bytes, and what they answered.
    pub(super) fn recall(&self, event: &WireEvent) -> Vec<(usize, Outcome)> {
        let entries = self.lock();
        if entries.by_id.is_empty() {
            return Vec::new();
        }
        let entry = entries.by_id.get(&event.message_id());
        let entry = entry.filter(|entry| entry.bytes == event.bytes());
        let kept = entry.into_iter().flat_map(|entry| &entry.kept);
        kept.map(|(child, kept)| (*child, kept.outcome(event)))
            .collect()
    }

    /// A child has an event that failed as a whole.
    pub(super) fn note(&self, event: &WireEvent, child: usize, outcome: &Outcome) {
        let id = event.message_id();
        let mut entries = self.lock();
        if entries
            .by_id
            .get(&id)
            .is_none_or(|entry| entry.bytes != event.bytes())
        {
            entries.remove(id);
            entries.insert(id, event.bytes().clone());
        }
        if let Some(entry) = entries.by_id.get_mut(&id)
            && entry.kept.iter().all(|(known, _)| *known != child)
        {
            entry.kept.push((child, Kept::from(outcome)));
        }
        entries.shrink();
    }

    /// The event is `Ok` as a whole: it will not come again.
    pub(super) fn forget(&self, event: &WireEvent) {
        let mut entries = self.lock();
        if !entries.by_id.is_empty() {
            entries.remove(event.message_id());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn insert(&mut self, id: MessageId, bytes: Bytes) {
        let age = self.next_age;
        self.next_age += 1;
        self.bytes += bytes.len();
        self.by_age.insert(age, id);
        let kept = Vec::new();
        self.by_id.insert(id, Entry { bytes, age, kept });
    }

    fn remove(&mut self, id: MessageId) {
        if let Some(entry) = self.by_id.remove(&id) {
            self.by_age.remove(&entry.age);
            self.bytes -= entry.bytes.len();
        }
    }

    fn shrink(&mut self) {
        while self.by_id.len() > MAX_EVENTS || self.bytes > MAX_BYTES {
            let Some((_, oldest)) = self.by_age.pop_first() else {
                return;
            };
            self.remove(oldest);
        }
    }
}

impl Kept {
    /// The outcome once more. Whether the event's number is kept was settled by the first one, so
    /// this one does not say so again.
    fn outcome(&self, event: &WireEvent) -> Outcome {
        match self {
            Self::Delivered(place) => Outcome::delivered_before(event, place.clone()),
            Self::Spilled(place) => Outcome::spilled(event, place.clone()),
        }
    }
}

impl From<&Outcome> for Kept {
    fn from(outcome: &Outcome) -> Self {
        let place = outcome.receipt().place().clone();
        match outcome {
            Outcome::Delivered(_) => Self::Delivered(place),
            Outcome::Spilled(_) => Self::Spilled(place),
        }
    }
}

const MAX_EVENTS: usize = 4096;
const MAX_BYTES: usize = 16 << 20;

#[cfg(test)]
mod tests {
    use events_core::{EventSinkExt as _, NoopSink, Outcome, Place, WireEvent};
    use sink_testkit::{event, sealed};

    use super::{Ledger, MAX_BYTES, MAX_EVENTS};

    fn noted(ledger: &Ledger, event: &WireEvent, child: usize) {
        ledger.note(event, child, &Outcome::spilled(event, Place::Noop));
    }

    fn who_has(ledger: &Ledger, event: &WireEvent) -> Vec<usize> {
        let recalled = ledger.recall(event).into_iter();
        recalled.map(|(child, _)| child).collect()
    }

    fn large(id: &str, length: usize) -> WireEvent {
        let events = vec![event(id, &"x".repeat(length))];
        NoopSink.seal(events).pop().unwrap().unwrap()
    }

    #[test]
    fn what_is_noted_is_recalled_until_it_is_forgotten() {
        let ledger = Ledger::default();
        let events = sealed(2);
        noted(&ledger, &events[0], 1);
        noted(&ledger, &events[0], 3);
        noted(&ledger, &events[0], 1);
        assert_eq!(who_has(&ledger, &events[0]), [1, 3]);
        assert!(who_has(&ledger, &events[1]).is_empty());
        let (_, outcome) = ledger.recall(&events[0]).remove(0);
        assert_eq!(outcome.as_str(), "spilled");
        ledger.forget(&events[0]);
        assert!(who_has(&ledger, &events[0]).is_empty());
    }

    #[test]
    fn other_bytes_of_the_same_identity_are_another_event() {
        let ledger = Ledger::default();
        let (first, second) = (large("1", 1), large("1", 2));
        noted(&ledger, &first, 0);
        assert!(who_has(&ledger, &second).is_empty());
        noted(&ledger, &second, 1);
        assert_eq!(who_has(&ledger, &second), [1]);
        assert!(who_has(&ledger, &first).is_empty());
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many_or_too_many_bytes() {
        let ledger = Ledger::default();
        let events = sealed(MAX_EVENTS + 1);
        events.iter().for_each(|event| noted(&ledger, event, 0));
        assert!(who_has(&ledger, &events[0]).is_empty());
        assert_eq!(who_has(&ledger, &events[1]), [0]);
        let big = large("big", MAX_BYTES - 1024);
        noted(&ledger, &big, 0);
        assert_eq!(who_has(&ledger, &big), [0]);
        assert!(who_has(&ledger, &events[MAX_EVENTS - 8]).is_empty());
        assert_eq!(who_has(&ledger, &events[MAX_EVENTS]), [0]);
        noted(&ledger, &large("too big", MAX_BYTES), 0);
        let entries = ledger.lock();
        assert_eq!(
            (entries.by_id.len(), entries.by_age.len(), entries.bytes),
            (0, 0, 0)
        );
    }
}
