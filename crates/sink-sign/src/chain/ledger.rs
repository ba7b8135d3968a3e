#[cfg(test)]
mod model;

use std::collections::BTreeMap;

use crate::Ranges;

/// What became of the numbers of one chain, and what the next event has to say about them.
///
/// A number is in flight from [`take`](Self::take) until [`kept`](Self::kept) or
/// [`void`](Self::void), and may be [declared](Self::declare) at any time. Pure: no clock, no I/O,
/// no lock.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    given: u64,
    in_flight: u64,
    /// All numbers up to here are accounted for.
    settled: u64,
    /// Numbers above that are kept, or declared by a kept event.
    accounted: Ranges,
    /// Numbers not to be expected that no kept event declares yet. None of them is accounted for.
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
    /// The numbers it declares.
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

    /// The event that bears `number` is stored. That counts for nothing where the number was
    /// declared meanwhile: the event is stored where nobody is to look for it.
    pub(super) fn kept(&mut self, number: u64) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if self.void.contains(number) {
            return;
        }
        self.highest_kept = self.highest_kept.max(number);
        self.accounted.insert(number);
        if let Some(declared) = self.declaring.remove(&number) {
            self.void.subtract(&declared);
            self.accounted.extend(&declared);
        }
        self.settle();
    }

    /// No event that bears `number` will ever be stored.
    pub(super) fn void(&mut self, number: u64) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.declaring.remove(&number);
        // Declared by a kept event, if it is accounted for by now.
        if number > self.settled && !self.accounted.contains(number) {
            self.void.insert(number);
        }
    }

    /// The events that bear `numbers` are not to be expected, kept or in flight, and what they
    /// declare themselves is unsaid. Numbers not given yet are passed over.
    ///
    /// Beyond [`MAX_VOID_RANGES`] the numbers stay as they are, and show as holes.
    pub(super) fn declare(&mut self, numbers: &Ranges) {
        let mut numbers = numbers.clone();
        numbers.remove_range(self.given.saturating_add(1), u64::MAX);
        let room = MAX_VOID_RANGES.saturating_sub(self.void.len());
        let numbers = numbers.lowest(room);
        if numbers.is_empty() {
            return;
        }
        self.declaring
            .retain(|number, _| !numbers.contains(*number));
        if self.settled > 0 {
            self.accounted.insert_range(1, self.settled);
            self.settled = 0;
        }
        self.accounted.subtract(&numbers);
        self.void.extend(&numbers);
        self.settle();
    }

    /// What is left to declare.
    pub(super) fn undeclared(&self) -> &Ranges {
        &self.void
    }

    /// Whether no number is in flight.
    pub(super) fn is_at_rest(&self) -> bool {
        self.in_flight == 0
    }

    /// Whether the chain can be forgotten: nothing is in flight, and nothing is left to declare,
    /// since numbers above the last one kept are not missed by anyone.
    pub(super) fn is_idle(&self) -> bool {
        let first = self.void.first();
        self.is_at_rest() && first.is_none_or(|first| first > self.highest_kept)
    }

    fn settle(&mut self) {
        self.settled = reach(self.settled, &self.accounted, &Ranges::default());
        self.accounted.remove_range(1, self.settled);
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

/// At most this many ranges wait to be declared on request: 1 MiB or so.
const MAX_VOID_RANGES: usize = 16_384;

#[cfg(test)]
mod tests {
    use super::{Ledger, MAX_DECLARED_RANGES, MAX_VOID_RANGES};
    use crate::Ranges;

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

    fn declared(text: &str) -> Ranges {
        text.parse().unwrap()
    }

    /// A ledger that gave out so many numbers, and keeps those listed.
    fn ledger(given: u64, kept: &str) -> Ledger {
        let mut ledger = Ledger::default();
        for _ in 0..given {
            ledger.take();
        }
        for (first, last) in declared(kept).iter() {
            (first..=last).for_each(|number| ledger.kept(number));
        }
        ledger
    }

    /// What the next event says: settled numbers and declared ones.
    fn says(ledger: &mut Ledger) -> (u64, String) {
        let entry = ledger.take();
        (entry.settled, entry.voided.to_string())
    }

    #[test]
    fn a_number_declared_in_flight_is_not_kept_by_the_outcome_that_follows() {
        let mut ledger = ledger(2, "1");
        ledger.declare(&declared("2"));
        ledger.kept(2);
        assert_eq!(says(&mut ledger), (2, "2".to_owned()));
        assert_eq!(ledger.settled, 1);
        ledger.kept(3);
        assert_eq!(says(&mut ledger), (3, String::new()));
    }

    #[test]
    fn a_number_declared_in_flight_may_be_void_or_kept_after_it_was_said() {
        for is_void in [true, false] {
            let mut ledger = ledger(2, "1");
            ledger.declare(&declared("2"));
            ledger.take();
            ledger.kept(3);
            if is_void {
                ledger.void(2);
            } else {
                ledger.kept(2);
            }
            assert_eq!(says(&mut ledger), (3, String::new()));
        }
    }

    #[test]
    fn a_number_declared_after_it_was_settled_is_taken_back() {
        let mut ledger = ledger(5, "1-5");
        ledger.declare(&declared("3"));
        ledger.declare(&declared("3"));
        assert_eq!((ledger.settled, ledger.is_idle()), (2, false));
        assert_eq!(says(&mut ledger), (5, "3".to_owned()));
        // Lost like the number itself: nothing is said yet.
        ledger.void(6);
        assert_eq!(says(&mut ledger), (6, "3,6".to_owned()));
        ledger.kept(7);
        assert_eq!(says(&mut ledger), (7, String::new()));
    }

    #[test]
    fn what_an_event_declares_that_is_declared_itself_is_unsaid() {
        let mut ledger = ledger(1, "1");
        ledger.declare(&declared("1"));
        ledger.take();
        ledger.declare(&declared("2"));
        ledger.kept(2);
        assert_eq!(says(&mut ledger), (2, "1-2".to_owned()));
    }

    #[test]
    fn numbers_never_given_are_not_declared() {
        let mut ledger = ledger(2, "1-2");
        ledger.declare(&declared("3-18446744073709551615"));
        assert_eq!(says(&mut ledger), (2, String::new()));
        ledger.declare(&declared("2-18446744073709551615"));
        assert_eq!(says(&mut ledger), (3, "2-3".to_owned()));
    }

    #[test]
    fn what_waits_to_be_declared_is_bounded_and_settled_stays_true() {
        let given = 2 * MAX_VOID_RANGES as u64 + 10;
        let mut ledger = ledger(given, &format!("1-{given}"));
        for number in (1..=given).step_by(2) {
            ledger.declare(&declared(&number.to_string()));
        }
        assert_eq!(ledger.undeclared().len(), MAX_VOID_RANGES);
        let entry = ledger.take();
        assert_eq!(entry.settled, 2 * MAX_DECLARED_RANGES as u64);
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
