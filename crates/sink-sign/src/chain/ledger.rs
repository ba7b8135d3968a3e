use std::collections::BTreeMap;

use crate::Ranges;

/// What became of the numbers of one chain, and what the next event has to say about them.
///
/// A number is in flight from [`take`](Self::take) until [`kept`](Self::kept) or
/// [`void`](Self::void). Pure: no clock, no I/O, no lock.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    given: u64,
    in_flight: u64,
    /// All numbers up to here are accounted for.
    settled: u64,
    /// Numbers above that are kept, or declared by a kept event.
    accounted: Ranges,
    /// Void numbers that no kept event declares yet.
    void: Ranges,
    /// What each event in flight declares.
    declaring: BTreeMap<u64, Ranges>,
    highest_kept: u64,
}

/// What an event says of its chain.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its own number.
    pub(super) sequence: u64,
    /// Every number up to this one was kept or declared, by this event too.
    pub(super) settled: u64,
    /// The numbers it declares void.
    pub(super) voided: Ranges,
}

impl Ledger {
    /// Gives out the next number.
    pub(super) fn take(&mut self) -> Entry {
        self.given += 1;
        self.in_flight += 1;
        let voided = self.void.lowest(MAX_DECLARED_RANGES);
        let entry = Entry {
            sequence: self.given,
            settled: reach(self.settled, &self.accounted, &voided),
            voided,
        };
        if !entry.voided.is_empty() {
            // Only once an event with this declaration is kept may later ones rely on it.
            self.declaring.insert(self.given, entry.voided.clone());
        }
        entry
    }

    /// The event that bears `number` is stored.
    pub(super) fn kept(&mut self, number: u64) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.highest_kept = self.highest_kept.max(number);
        self.accounted.insert(number);
        if let Some(declared) = self.declaring.remove(&number) {
            self.void.subtract(&declared);
            self.accounted.extend(&declared);
        }
        self.settled = reach(self.settled, &self.accounted, &Ranges::default());
        self.accounted.remove_range(1, self.settled);
    }

    /// No event that bears `number` will ever be stored.
    pub(super) fn void(&mut self, number: u64) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.declaring.remove(&number);
        self.void.insert(number);
    }

    /// Whether the chain can be forgotten: nothing is in flight, and nothing is left to declare,
    /// since numbers above the last one kept are not missed by anyone.
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight == 0
            && self
                .void
                .first()
                .is_none_or(|first| first > self.highest_kept)
    }
}

/// How far the numbers after `settled` are in one of the two sets without a gap.
fn reach(settled: u64, accounted: &Ranges, declared: &Ranges) -> u64 {
    let mut settled = settled;
    while let Some(end) = accounted
        .end_of(settled + 1)
        .or_else(|| declared.end_of(settled + 1))
    {
        settled = end;
    }
    settled
}

/// At most this many ranges are declared by one event, lowest first: some 2 KiB of text, even
/// with the longest numbers.
const MAX_DECLARED_RANGES: usize = 48;

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::{ProptestConfig, any, prop, proptest};

    use super::{Ledger, MAX_DECLARED_RANGES};
    use crate::Ranges;

    /// All that is true of a chain, kept the slow way.
    #[derive(Default)]
    struct Model {
        in_flight: Vec<u64>,
        declares: BTreeMap<u64, Ranges>,
        kept: BTreeSet<u64>,
        void: BTreeSet<u64>,
    }

    impl Model {
        fn is_accounted(&self, number: u64, by: &Ranges) -> bool {
            let by_kept = |number| {
                let kept = self
                    .declares
                    .iter()
                    .filter(|(event, _)| self.kept.contains(event));
                kept.into_iter()
                    .any(|(_, declared)| declared.contains(number))
            };
            self.kept.contains(&number) || by.contains(number) || by_kept(number)
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        /// Any interleaving of sealing, keeping and voiding, cut off anywhere, tells the truth.
        #[test]
        fn settled_never_exceeds_the_truth(steps in prop::collection::vec((0_u8..4, any::<prop::sample::Index>()), 0..120)) {
            let mut ledger = Ledger::default();
            let mut model = Model::default();
            for (step, which) in steps {
                if step < 2 || model.in_flight.is_empty() {
                    let entry = ledger.take();
                    assert!(entry.settled < entry.sequence);
                    for number in 1..=entry.settled {
                        assert!(model.is_accounted(number, &entry.voided), "{number}: {entry:?}");
                    }
                    assert!(!model.is_accounted(entry.settled + 1, &entry.voided), "{entry:?}");
                    for (first, last) in entry.voided.iter() {
                        assert!((first..=last).all(|number| model.void.contains(&number)));
                    }
                    model.in_flight.push(entry.sequence);
                    model.declares.insert(entry.sequence, entry.voided);
                    continue;
                }
                let number = model.in_flight.swap_remove(which.index(model.in_flight.len()));
                if step == 2 {
                    ledger.kept(number);
                    model.kept.insert(number);
                } else {
                    ledger.void(number);
                    model.void.insert(number);
                }
                assert_eq!(ledger.given, model.declares.len() as u64);
                let open = |number| model.in_flight.contains(number);
                assert!(ledger.declaring.keys().all(open));
            }
            if ledger.is_idle() {
                let last = model.kept.last().copied().unwrap_or(0);
                for number in 1..last {
                    assert!(model.is_accounted(number, &Ranges::default()), "{number} of {last}");
                }
            }
        }
    }

    #[test]
    fn a_void_number_is_declared_until_an_event_that_says_so_is_kept() {
        let mut ledger = Ledger::default();
        for _ in 0..2 {
            ledger.take();
        }
        ledger.kept(1);
        ledger.void(2);
        let said: Vec<_> = (0..2).map(|_| ledger.take()).collect();
        assert!(
            said.iter()
                .all(|entry| entry.settled == 2 && entry.voided.to_string() == "2")
        );
        ledger.void(3);
        let third = ledger.take();
        assert_eq!(
            (third.settled, third.voided.to_string().as_str()),
            (3, "2-3")
        );
        ledger.kept(4);
        let fourth = ledger.take();
        assert_eq!(
            (fourth.settled, fourth.voided.to_string().as_str()),
            (4, "3")
        );
        ledger.kept(6);
        assert!(!ledger.is_idle());
        ledger.kept(5);
        assert!(ledger.is_idle());
        let last = ledger.take();
        assert_eq!((last.settled, last.voided.is_empty()), (6, true));
    }

    #[test]
    fn an_event_declares_a_bounded_number_of_ranges_lowest_first() {
        let mut ledger = Ledger::default();
        let numbers = 4 * MAX_DECLARED_RANGES as u64;
        for _ in 0..numbers {
            ledger.take();
        }
        for number in 1..=numbers {
            if number % 2 == 0 {
                ledger.kept(number);
            } else {
                ledger.void(number);
            }
        }
        let entry = ledger.take();
        assert_eq!(entry.voided.iter().count(), MAX_DECLARED_RANGES);
        assert_eq!(entry.settled, 2 * MAX_DECLARED_RANGES as u64);
        ledger.kept(entry.sequence);
        assert_eq!(ledger.take().settled, numbers + 1);
    }

    #[test]
    fn a_chain_whose_last_numbers_are_void_can_be_forgotten() {
        let mut ledger = Ledger::default();
        for _ in 0..3 {
            ledger.take();
        }
        ledger.kept(1);
        ledger.void(3);
        assert!(!ledger.is_idle());
        ledger.void(2);
        assert!(ledger.is_idle());
    }
}
