//! Chains: the numbering of one run of a signer, for each route and tenant.

mod ledger;
mod link;
mod past;

use std::collections::HashMap;
use std::sync::Arc;

use ulid::Ulid;

use self::link::Chain;
pub(crate) use self::link::Numbered;
use self::past::Waiting;
use crate::{KeyId, ProducerId, Ranges};

/// All chains of a signer. No clock and no I/O: the first run's id comes from outside.
#[derive(Debug)]
pub(crate) struct Chains {
    key_id: KeyId,
    run: Ulid,
    max: usize,
    /// At this many chains, idle ones are looked for.
    full: usize,
    uses: u64,
    chains: HashMap<Box<str>, Slot>,
    waiting: Waiting,
}

impl Chains {
    pub(crate) fn new(key_id: KeyId, run: Ulid, max: usize) -> Self {
        let max = max.max(1);
        Self {
            key_id,
            run,
            max,
            full: max,
            uses: 0,
            chains: HashMap::new(),
            waiting: Waiting::new(max),
        }
    }

    /// Takes the next number of the chain for `place`, a route's name and a tenant joined by a dot.
    pub(crate) fn number(&mut self, place: &str) -> Numbered {
        self.uses += 1;
        let uses = self.uses;
        if let Some(slot) = self.chains.get_mut(place) {
            slot.used = uses;
            return Chain::number(&slot.chain);
        }
        if self.chains.len() >= self.full {
            self.forget_idle();
        }
        let producer = ProducerId::new(&self.key_id, self.run, place);
        let chain = Arc::new(Chain::new(producer, self.waiting.take(place)));
        let numbered = Chain::number(&chain);
        self.chains.insert(place.into(), Slot { chain, used: uses });
        numbered
    }

    /// Has numbers declared that are not to be expected, by the next events of the same place.
    pub(crate) fn declare(&mut self, producer: &ProducerId, numbers: &Ranges) {
        let place = producer.place();
        match self.chains.get(place) {
            Some(slot) => slot.chain.declare(producer, numbers),
            None => self.waiting.of(place, self.uses).add(producer, numbers),
        }
    }

    /// How many chains are in memory.
    pub(crate) fn len(&self) -> usize {
        self.chains.len()
    }

    /// Drops the longest idle quarter: of chains with nothing left to declare or, where there are
    /// none, of those at rest. What follows in their places starts chains of a new run, since their
    /// numbers are forgotten, and says what they did not come to say.
    fn forget_idle(&mut self) {
        let quarter = self.max / 4 + 1;
        let mut idle = self.longest_unused(Chain::is_idle);
        if idle.is_empty() {
            idle = self.longest_unused(Chain::is_at_rest);
        }
        idle.truncate(quarter);
        for place in &idle {
            if let Some(slot) = self.chains.remove(place)
                && !slot.chain.is_idle()
            {
                self.waiting.put(place, slot.used, &slot.chain.left());
            }
        }
        if idle.is_empty() {
            // Every chain is in use: make room, and look again when a quarter more is there.
            self.full = self.chains.len() + quarter;
        } else {
            self.full = self.max.max(self.chains.len() + 1);
            self.run = Ulid(self.run.0.wrapping_add(1));
        }
    }

    /// The places of the chains of which this is true, the longest unused first.
    fn longest_unused(&self, is_so: impl Fn(&Chain) -> bool) -> Vec<Box<str>> {
        let chains = self.chains.iter();
        let mut found: Vec<(u64, &Box<str>)> = chains
            .filter(|(_, slot)| is_so(&slot.chain))
            .map(|(place, slot)| (slot.used, place))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, place)| place.clone()).collect()
    }
}

#[derive(Debug)]
struct Slot {
    chain: Arc<Chain>,
    used: u64,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use events_core::Settle as _;
    use ulid::Ulid;

    use super::Chains;
    use crate::{ProducerId, Ranges};

    fn chains(max: usize) -> Chains {
        Chains::new("k".parse().unwrap(), Ulid(7), max)
    }

    #[test]
    fn each_route_and_tenant_counts_for_itself() {
        let mut chains = chains(10);
        let numbers = ["a.x", "a.y", "a.x", "b.x", "a.x"].map(|place| {
            let numbered = chains.number(place);
            (numbered.producer.to_string(), numbered.sequence)
        });
        let run = Ulid(7);
        assert_eq!(numbers[0], (format!("k.{run}.a.x"), 1));
        assert_eq!(numbers[1], (format!("k.{run}.a.y"), 1));
        assert_eq!(numbers[2].1, 2);
        assert_eq!(numbers[3].1, 1);
        assert_eq!(numbers[4].1, 3);
        assert_eq!(chains.len(), 3);
    }

    #[test]
    fn a_dropped_claim_voids_its_number() {
        let mut chains = chains(10);
        drop(chains.number("a.x"));
        assert_eq!(chains.number("a.x").voided.to_string(), "1");
    }

    #[test]
    fn idle_chains_are_forgotten_and_their_names_never_come_back() {
        let mut chains = chains(8);
        let busy = chains.number("a.busy");
        let mut seen = HashSet::new();
        for turn in 0..100 {
            let numbered = chains.number(&format!("a.t{}", turn % 20));
            assert!(seen.insert((numbered.producer.to_string(), numbered.sequence)));
            assert!(chains.len() <= 8, "{}", chains.len());
        }
        assert_eq!(chains.number("a.busy").producer, busy.producer);
    }

    #[test]
    fn the_longest_idle_chains_go_first() {
        let mut chains = chains(4);
        for place in ["a.1", "a.2", "a.3", "a.4", "a.1", "a.5"] {
            drop(chains.number(place));
        }
        assert_eq!(chains.number("a.1").sequence, 3);
        assert_eq!(chains.number("a.2").sequence, 1);
    }

    #[test]
    fn chains_in_use_are_never_forgotten() {
        let mut chains = chains(4);
        let held: Vec<_> = (0..50).map(|n| chains.number(&format!("a.t{n}"))).collect();
        assert_eq!(chains.len(), 50);
        for (n, first) in held.iter().enumerate() {
            let second = chains.number(&format!("a.t{n}"));
            assert_eq!((&second.producer, second.sequence), (&first.producer, 2));
        }
        drop(held);
        chains.number("a.more");
        assert!(chains.len() < 52);
    }

    fn numbers(text: &str) -> Ranges {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_left_of_earlier_chains_is_said_in_their_place_alone_until_it_is_kept() {
        let mut chains = chains(10);
        let earlier = ProducerId::new(&"old.key".parse().unwrap(), Ulid(1), "a.x");
        chains.declare(&earlier, &numbers("3,7"));
        assert!(chains.number("a.y").voided.is_empty());
        let said = [chains.number("a.x"), chains.number("a.x")].map(|numbered| {
            let voided = numbered.voided.to_string();
            (numbered, voided)
        });
        // The first is dropped with `said`, and the second is kept: both say the same.
        let expected = format!("{earlier}:3,7");
        assert!(said.iter().all(|(_, voided)| *voided == expected));
        chains.chains["a.x"].chain.kept(2);
        chains.declare(&earlier, &numbers("9"));
        std::mem::forget(said);
        assert_eq!(
            chains.number("a.x").voided.to_string(),
            format!("{earlier}:9")
        );
    }

    #[test]
    fn what_an_event_says_of_earlier_chains_is_unsaid_when_it_is_void_or_declared() {
        let mut chains = chains(10);
        let earlier = ProducerId::new(&"k".parse().unwrap(), Ulid(1), "a.x");
        chains.declare(&earlier, &numbers("3"));
        let said = format!("{earlier}:3");
        let lost = chains.number("a.x");
        let aside = chains.number("a.x");
        chains.declare(&aside.producer.clone(), &numbers("2"));
        let chain = Arc::clone(&chains.chains["a.x"].chain);
        drop(lost);
        chain.kept(2);
        std::mem::forget(aside);
        assert!(!chain.is_saying());
        let next = chains.number("a.x");
        assert_eq!(next.voided.to_string(), format!("1-2 {said}"));
    }

    #[test]
    fn a_chain_with_something_to_declare_goes_last_and_its_place_says_it_later() {
        let mut chains = chains(4);
        let first = chains.number("a.1");
        let producer = first.producer.clone();
        std::mem::forget(first);
        chains.chains["a.1"].chain.kept(1);
        chains.declare(&producer, &numbers("1"));
        for turn in 2..6 {
            drop(chains.number(&format!("a.{turn}")));
        }
        assert!(chains.chains.contains_key("a.1"));

        let held: Vec<_> = (10..20).map(|n| chains.number(&format!("a.{n}"))).collect();
        assert!(!chains.chains.contains_key("a.1"));
        let next = chains.number("a.1");
        assert_ne!(next.producer, producer);
        assert_eq!(next.voided.to_string(), format!("{producer}:1"));
        drop(held);
    }
}
