use std::collections::{BTreeMap, HashMap};

use crate::{ProducerId, Ranges};

/// What is left to declare of one place's chains that are no longer in use: those of earlier runs,
/// and those forgotten as idle.
///
/// Said again by each event of the chain in use until one that says so is kept.
#[derive(Debug, Default)]
pub(super) struct Past {
    pending: BTreeMap<ProducerId, Ranges>,
    /// What each event in flight declares.
    declaring: BTreeMap<u64, BTreeMap<ProducerId, Ranges>>,
}

/// What is left to declare for places that have no chain in memory.
#[derive(Debug)]
pub(super) struct Waiting {
    /// Each with the moment it was last added to, as a count.
    places: HashMap<Box<str>, (u64, Past)>,
    max: usize,
}

impl Past {
    /// Remembers numbers to declare, as far as there is room: what is left out shows as a hole.
    pub(super) fn add(&mut self, producer: &ProducerId, numbers: &Ranges) {
        let held: usize = self.pending.values().map(Ranges::len).sum();
        let numbers = numbers.lowest(MAX_RANGES.saturating_sub(held));
        if !numbers.is_empty() {
            let known = self.pending.entry(producer.clone()).or_default();
            known.extend(&numbers);
        }
    }

    /// What the event that takes `number` has to declare.
    pub(super) fn take(&mut self, number: u64) -> BTreeMap<ProducerId, Ranges> {
        let mut room = MAX_DECLARED_RANGES;
        let mut said = BTreeMap::new();
        for (producer, numbers) in self.pending.iter().take(MAX_DECLARED_CHAINS) {
            let numbers = numbers.lowest(room);
            if !numbers.is_empty() {
                room -= numbers.len();
                said.insert(producer.clone(), numbers);
            }
        }
        if !said.is_empty() {
            self.declaring.insert(number, said.clone());
        }
        said
    }

    /// The event that bears `number` is stored, and what it declares is said.
    pub(super) fn kept(&mut self, number: u64) {
        for (producer, said) in self.declaring.remove(&number).unwrap_or_default() {
            if let Some(pending) = self.pending.get_mut(&producer) {
                pending.subtract(&said);
                if pending.is_empty() {
                    self.pending.remove(&producer);
                }
            }
        }
    }

    /// No event that bears `number` will ever be stored, and what it declares is unsaid.
    pub(super) fn void(&mut self, number: u64) {
        self.declaring.remove(&number);
    }

    /// The events that bear `numbers` are not to be expected, and what they declare is unsaid.
    pub(super) fn unsaid(&mut self, numbers: &Ranges) {
        self.declaring
            .retain(|number, _| !numbers.contains(*number));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    #[cfg(test)]
    pub(super) fn is_saying(&self) -> bool {
        !self.declaring.is_empty()
    }
}

impl Waiting {
    /// Room for `max` places.
    pub(super) fn new(max: usize) -> Self {
        Self {
            places: HashMap::new(),
            max,
        }
    }

    /// What waits for the place, to be added to. Where there is no room, the place that waits
    /// longest is forgotten: its numbers show as holes.
    pub(super) fn of(&mut self, place: &str, now: u64) -> &mut Past {
        if self.places.len() >= self.max && !self.places.contains_key(place) {
            let oldest = self.places.iter().min_by_key(|(_, (added, _))| *added);
            if let Some(oldest) = oldest.map(|(place, _)| place.clone()) {
                self.places.remove(&oldest);
            }
        }
        let (added, past) = self.places.entry(place.into()).or_default();
        *added = now;
        past
    }

    /// Hands over what waits for the place, to a chain of it.
    pub(super) fn take(&mut self, place: &str) -> Past {
        let waiting = self.places.remove(place);
        waiting.map(|(_, past)| past).unwrap_or_default()
    }

    /// Keeps what a chain that is dropped did not come to say.
    pub(super) fn put(&mut self, place: &str, now: u64, past: &Past) {
        let waiting = self.of(place, now);
        for (producer, numbers) in &past.pending {
            waiting.add(producer, numbers);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }
}

/// At most this many chains are declared about by one event, and this many ranges in all, lowest
/// first: some 3 KiB of text, even with the longest names and numbers.
const MAX_DECLARED_CHAINS: usize = 4;
const MAX_DECLARED_RANGES: usize = 48;

/// At most this many ranges are remembered for one place: 1 MiB or so, and never more than there
/// are records of the events that the numbers belonged to.
const MAX_RANGES: usize = 16_384;

#[cfg(test)]
mod tests {
    use super::{MAX_DECLARED_CHAINS, MAX_DECLARED_RANGES, MAX_RANGES, Past, Waiting};
    use crate::{ProducerId, Ranges};

    fn producer(number: usize) -> ProducerId {
        format!("k{number}.01D39ZY06FGSCTVN4T2V9PKHFZ.audit.acme")
            .parse()
            .unwrap()
    }

    fn every_other(count: usize) -> Ranges {
        let mut numbers = Ranges::default();
        for number in 1..=count as u64 {
            numbers.insert(2 * number);
        }
        numbers
    }

    #[test]
    fn what_is_said_is_bounded_and_all_of_it_is_said_in_the_end() {
        let said_by_each = |each: usize, chains: usize| {
            let mut past = Past::default();
            for number in 0..chains {
                past.add(&producer(number), &every_other(each));
            }
            let mut events = Vec::new();
            while !past.is_empty() {
                let number = events.len() as u64;
                let said = past.take(number);
                assert_eq!(past.take(1000), said);
                past.void(1000);
                past.kept(number);
                events.push((said.len(), said.values().map(Ranges::len).sum::<usize>()));
            }
            assert!(!past.is_saying());
            events
        };
        let (chains, ranges) = (MAX_DECLARED_CHAINS, MAX_DECLARED_RANGES);
        assert_eq!(said_by_each(2 * ranges, 1), [(1, ranges); 2]);
        assert_eq!(said_by_each(ranges / 2, 4), [(2, ranges); 2]);
        assert_eq!(said_by_each(1, 2 * chains), [(chains, chains); 2]);
    }

    #[test]
    fn memory_is_bounded_for_a_place_and_in_places() {
        let mut past = Past::default();
        for number in 0..3 {
            past.add(&producer(number), &every_other(MAX_RANGES / 2 + 1));
        }
        let held: usize = past.pending.values().map(Ranges::len).sum();
        assert_eq!(held, MAX_RANGES);

        let mut waiting = Waiting::new(3);
        for (now, place) in ["a", "b", "c", "a", "d"].into_iter().enumerate() {
            let past = waiting.of(place, now as u64);
            past.add(&producer(0), &every_other(1));
            assert!(waiting.len() <= 3);
        }
        let places = ["a", "b", "c", "d"].map(|place| !waiting.take(place).is_empty());
        assert_eq!(places, [true, false, true, true]);
    }
}
