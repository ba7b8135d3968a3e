use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use events_core::{Place, WireEvent};

use crate::queue::Load;

/// Events that were written after their caller had given up. One that is delivered again, byte
/// for byte, gets the place it has instead of a second one. Bounded: the oldest are forgotten.
#[derive(Debug)]
pub(crate) struct Late {
    places: HashMap<Bytes, Place>,
    order: VecDeque<Bytes>,
    load: Load,
    bound: Load,
}

impl Late {
    pub(crate) fn new(bound: Load) -> Self {
        Self {
            places: HashMap::new(),
            order: VecDeque::new(),
            load: Load::default(),
            bound,
        }
    }

    pub(crate) fn remember(&mut self, event: &WireEvent, place: Place) {
        let bytes = event.bytes();
        if self.places.insert(bytes.clone(), place).is_none() {
            self.order.push_back(bytes.clone());
            self.load = self.load.and(Load::of(std::slice::from_ref(event)));
        }
        while self.load.exceeds(self.bound) {
            let Some(oldest) = self.order.pop_front() else {
                break;
            };
            self.places.remove(&oldest);
            self.load.events -= 1;
            self.load.bytes -= oldest.len();
        }
    }

    /// Where these very bytes stand already.
    pub(crate) fn place_of(&self, event: &WireEvent) -> Option<&Place> {
        // The common case costs no hash.
        if self.places.is_empty() {
            return None;
        }
        self.places.get(event.bytes())
    }
}

#[cfg(test)]
mod tests {
    use events_core::{Event, EventSinkExt as _, NoopSink, Place, WireEvent};

    use super::Late;
    use crate::queue::Load;

    fn event(id: &str) -> WireEvent {
        let event = Event::builder(id, "/test", "test.happened").time("2026-01-01T00:00:00Z");
        let sealed = NoopSink.seal(vec![event.build().unwrap()]).pop();
        sealed.unwrap().unwrap()
    }

    fn place(offset: u64) -> Place {
        let segment = String::new();
        Place::Journal { segment, offset }
    }

    #[test]
    fn only_the_very_same_bytes_have_a_place() {
        let mut late = Late::new(Load {
            events: 2,
            bytes: 10_000,
        });
        late.remember(&event("1"), place(1));
        assert_eq!(late.place_of(&event("1")), Some(&place(1)));
        assert_eq!(late.place_of(&event("2")), None);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let one = event("1").bytes().len();
        let bounds = [(2, 10_000), (10, 2 * one), (10, 3 * one - 1)];
        for (events, bytes) in bounds {
            let mut late = Late::new(Load { events, bytes });
            for id in ["1", "2", "2", "3"] {
                late.remember(&event(id), place(1));
            }
            let known = ["1", "2", "3"].map(|id| late.place_of(&event(id)).is_some());
            assert_eq!(known, [false, true, true]);
        }
    }
}
