//! The ledger against all that is true of a chain, whatever happens to it.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::{ProptestConfig, any, prop, proptest};

use super::Ledger;
use crate::Ranges;

/// All that is true of a chain, kept the slow way.
#[derive(Default)]
struct Model {
    in_flight: Vec<u64>,
    declares: BTreeMap<u64, Ranges>,
    kept: BTreeSet<u64>,
    /// Void, or declared: not to be expected.
    gone: BTreeSet<u64>,
}

impl Model {
    fn keep(&mut self, number: u64) {
        if !self.gone.contains(&number) {
            self.kept.insert(number);
        }
    }

    fn give_up(&mut self, number: u64) {
        self.kept.remove(&number);
        self.gone.insert(number);
    }

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

    /// Any interleaving of sealing, keeping, voiding and declaring, cut off anywhere, tells the
    /// truth, and in the end all of it.
    #[test]
    fn settled_never_exceeds_the_truth(steps in prop::collection::vec((0_u8..5, any::<prop::sample::Index>()), 0..120)) {
        let mut ledger = Ledger::default();
        let mut model = Model::default();
        for (step, which) in steps {
            if step == 4 && ledger.given > 0 {
                // As the signer does: the number, and what its event declared.
                let number = 1 + which.index(model.declares.len()) as u64;
                let mut numbers = model.declares[&number].clone();
                numbers.insert(number);
                ledger.declare(&numbers);
                model.give_up(number);
                continue;
            }
            if step < 2 || model.in_flight.is_empty() {
                let entry = ledger.take();
                assert!(entry.settled < entry.sequence);
                for number in 1..=entry.settled {
                    assert!(model.is_accounted(number, &entry.voided), "{number}: {entry:?}");
                }
                assert!(!model.is_accounted(entry.settled + 1, &entry.voided), "{entry:?}");
                for (first, last) in entry.voided.iter() {
                    assert!((first..=last).all(|number| model.gone.contains(&number)));
                }
                model.in_flight.push(entry.sequence);
                model.declares.insert(entry.sequence, entry.voided);
                continue;
            }
            let number = model.in_flight.swap_remove(which.index(model.in_flight.len()));
            if step == 2 {
                ledger.kept(number);
                model.keep(number);
            } else {
                ledger.void(number);
                model.give_up(number);
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
        for number in std::mem::take(&mut model.in_flight) {
            ledger.kept(number);
            model.keep(number);
        }
        loop {
            let entry = ledger.take();
            assert_eq!(entry.settled + 1, entry.sequence);
            ledger.kept(entry.sequence);
            model.keep(entry.sequence);
            let is_over = entry.voided.is_empty();
            model.declares.insert(entry.sequence, entry.voided);
            if is_over {
                break;
            }
        }
        assert!(ledger.is_idle());
        for number in 1..=ledger.given {
            assert!(model.is_accounted(number, &Ranges::default()), "{number}");
        }
    }
}
