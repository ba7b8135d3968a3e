//! Chains: the numbering of one run of a signer, for each route and tenant.

mod ledger;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use events_core::{Claim, Settle};
use ulid::Ulid;

use self::ledger::Ledger;
use crate::{KeyId, Ranges};

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
}

/// A number of a chain, taken for one event, and what that event has to say.
#[derive(Debug)]
pub(crate) struct Numbered {
    /// Ties the number to the event, so that the chain learns what becomes of it.
    pub(crate) claim: Claim,
    pub(crate) producer: Arc<str>,
    pub(crate) sequence: u64,
    pub(crate) settled: u64,
    pub(crate) voided: Ranges,
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
        let chain = Arc::new(Chain {
            producer: format!("{}.{}.{place}", self.key_id, self.run).into(),
            ledger: Mutex::default(),
        });
        let numbered = Chain::number(&chain);
        self.chains.insert(place.into(), Slot { chain, used: uses });
        numbered
    }

    /// How many chains are in memory.
    pub(crate) fn len(&self) -> usize {
        self.chains.len()
    }

    /// Drops the longest idle quarter. What follows in their places starts chains of a new run,
    /// since their numbers are forgotten.
    fn forget_idle(&mut self) {
        let quarter = self.max / 4 + 1;
        let mut idle: Vec<(u64, Box<str>)> = self
            .chains
            .iter()
            .filter(|(_, slot)| slot.chain.ledger().is_idle())
            .map(|(place, slot)| (slot.used, place.clone()))
            .collect();
        idle.sort_unstable();
        idle.truncate(quarter);
        for (_, place) in &idle {
            self.chains.remove(place);
        }
        if idle.is_empty() {
            // Every chain is in use: make room, and look again when a quarter more is there.
            self.full = self.chains.len() + quarter;
        } else {
            self.full = self.max.max(self.chains.len() + 1);
            self.run = Ulid(self.run.0.wrapping_add(1));
        }
    }
}

#[derive(Debug)]
struct Slot {
    chain: Arc<Chain>,
    used: u64,
}

/// One chain. Told from any thread what became of its numbers.
struct Chain {
    producer: Arc<str>,
    ledger: Mutex<Ledger>,
}

impl Chain {
    fn number(this: &Arc<Self>) -> Numbered {
        let entry = this.ledger().take();
        let signer: Arc<dyn Settle> = Arc::<Self>::clone(this);
        Numbered {
            claim: Claim::new(signer, entry.sequence),
            producer: Arc::clone(&this.producer),
            sequence: entry.sequence,
            settled: entry.settled,
            voided: entry.voided,
        }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Settle for Chain {
    fn kept(&self, number: u64) {
        self.ledger().kept(number);
    }

    fn void(&self, number: u64) {
        self.ledger().void(number);
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chain({})", self.producer)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use ulid::Ulid;

    use super::Chains;

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
}
