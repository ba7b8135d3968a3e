use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use supervisor::exit::Failure;

use super::dues::Dues;
use super::latencies::Latencies;
use super::sighting::{Place, Sighting};

/// What came back on one leg.
#[derive(Debug)]
pub(super) struct Arrivals {
    dues: Arc<Dues>,
    seen: Vec<bool>,
    /// The highest number so far of each chain.
    chains: HashMap<String, u64>,
    /// From when an event was due to its first arrival.
    pub(super) latencies: Latencies,
    /// Events that came, each counted once.
    pub(super) received: u64,
    /// Arrivals of what had come before.
    pub(super) duplicates: u64,
    /// Events that came after one of a higher number of their chain.
    pub(super) out_of_order: u64,
    /// How often the leg itself said that events are missing.
    pub(super) lagged: u64,
    pub(super) warm: bool,
    pub(super) last: Option<Instant>,
}

impl Arrivals {
    pub(super) fn new(dues: Arc<Dues>) -> Result<Self, Failure> {
        Ok(Self {
            seen: vec![false; dues.len()],
            dues,
            chains: HashMap::new(),
            latencies: Latencies::new()?,
            received: 0,
            duplicates: 0,
            out_of_order: 0,
            lagged: 0,
            warm: false,
            last: None,
        })
    }

    /// Takes note of what came.
    pub(super) fn note(&mut self, sighting: Sighting, at: Instant) {
        let (event, place) = match sighting {
            Sighting::WarmUp => {
                self.warm = true;
                return;
            }
            Sighting::Event(number, place) => {
                (usize::try_from(number).unwrap_or(usize::MAX), place)
            }
        };
        let Some(latency) = self.dues.latency(event, at) else {
            return;
        };
        let Some(seen) = self.seen.get_mut(event) else {
            return;
        };
        if std::mem::replace(seen, true) {
            self.duplicates += 1;
            return;
        }
        self.received += 1;
        self.last = Some(at);
        self.latencies.record(latency);
        // Without signatures there are no chains, and the events' own numbers have to do.
        let place = place.unwrap_or_else(|| Place {
            producer: String::new(),
            number: event as u64,
        });
        self.out_of_order += u64::from(self.is_late(place));
    }

    pub(super) fn has(&self, event: usize) -> bool {
        self.seen.get(event).is_some_and(|seen| *seen)
    }

    fn is_late(&mut self, place: Place) -> bool {
        match self.chains.get_mut(&place.producer) {
            Some(highest) if place.number < *highest => true,
            Some(highest) => {
                *highest = place.number;
                false
            }
            None => {
                self.chains.insert(place.producer, place.number);
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::{Arrivals, Dues, Place, Sighting};

    #[test]
    fn what_came_twice_late_or_never_is_told_apart() {
        let dues = Arc::new(Dues::new(5));
        let begin = Instant::now() + Duration::from_millis(1);
        for event in 0..4 {
            dues.set(event, begin + Duration::from_millis(event as u64));
        }
        let mut arrivals = Arrivals::new(dues).unwrap();
        let at = begin + Duration::from_millis(10);
        // The fourth was never sent, the tenth is none of ours.
        for event in [0, 2, 2, 1, 1, 4, 10] {
            arrivals.note(Sighting::Event(event, None), at);
        }
        assert_eq!((arrivals.received, arrivals.duplicates), (3, 2));
        assert_eq!(arrivals.out_of_order, 1);
        assert_eq!(
            [0, 1, 2, 3, 4].map(|event| arrivals.has(event)),
            [true, true, true, false, false]
        );
        let slowest = arrivals.latencies.percentile(100.0).unwrap();
        assert!(slowest.abs_diff(Duration::from_millis(10)) < Duration::from_micros(50));
        assert!(!arrivals.warm);
        arrivals.note(Sighting::WarmUp, at);
        assert!(arrivals.warm && arrivals.received == 3);
    }

    #[test]
    fn order_is_that_of_each_chain() {
        let dues = Arc::new(Dues::new(6));
        (0..6).for_each(|event| dues.set(event, Instant::now()));
        let mut arrivals = Arrivals::new(dues).unwrap();
        for (event, (producer, number)) in [("a", 2), ("b", 1), ("a", 1), ("b", 2), ("a", 3)]
            .into_iter()
            .enumerate()
        {
            let place = Place {
                producer: producer.to_owned(),
                number,
            };
            arrivals.note(Sighting::Event(event as u64, Some(place)), Instant::now());
        }
        assert_eq!(arrivals.out_of_order, 1);
    }
}
