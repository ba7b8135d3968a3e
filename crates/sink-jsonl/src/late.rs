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
