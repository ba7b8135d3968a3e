use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use events_core::{Claim, Settle};

use super::ledger::Ledger;
use super::past::Past;
use crate::voided::Voided;
use crate::{ProducerId, Ranges};

/// One chain. Told from any thread what became of its numbers.
pub(super) struct Chain {
    producer: ProducerId,
    books: Mutex<Books>,
}

/// A number of a chain, taken for one event, and what that event has to say.
#[derive(Debug)]
pub(crate) struct Numbered {
    /// Ties the number to the event, so that the chain learns what becomes of it.
    pub(crate) claim: Claim,
    pub(crate) producer: ProducerId,
    pub(crate) sequence: u64,
    pub(crate) settled: u64,
    pub(crate) voided: Voided,
}

/// What there is to say of the chain, and of those before it in its place.
struct Books {
    ledger: Ledger,
    past: Past,
}

impl Chain {
    /// A chain that has given out nothing, in a place where `past` is left to declare.
    pub(super) fn new(producer: ProducerId, past: Past) -> Self {
        let ledger = Ledger::default();
        let books = Mutex::new(Books { ledger, past });
        Self { producer, books }
    }

    /// Takes the next number.
    pub(super) fn number(this: &Arc<Self>) -> Numbered {
        let mut books = this.books();
        let entry = books.ledger.take();
        let elsewhere = books.past.take(entry.sequence);
        drop(books);
        let signer: Arc<dyn Settle> = Arc::<Self>::clone(this);
        Numbered {
            claim: Claim::new(signer, entry.sequence),
            producer: this.producer.clone(),
            sequence: entry.sequence,
            settled: entry.settled,
            voided: Voided {
                own: entry.voided,
                elsewhere,
            },
        }
    }

    /// Has numbers declared, of this chain or of an earlier one of its place.
    pub(super) fn declare(&self, producer: &ProducerId, numbers: &Ranges) {
        let mut books = self.books();
        if *producer == self.producer {
            books.ledger.declare(numbers);
            books.past.unsaid(numbers);
        } else {
            books.past.add(producer, numbers);
        }
    }

    /// Whether no number is in flight, so that no one will tell of one.
    pub(super) fn is_at_rest(&self) -> bool {
        self.books().ledger.is_at_rest()
    }

    /// Whether nothing is lost with the chain.
    pub(super) fn is_idle(&self) -> bool {
        let books = self.books();
        books.ledger.is_idle() && books.past.is_empty()
    }

    /// All that it did not come to declare.
    pub(super) fn left(&self) -> Past {
        let mut books = self.books();
        let Books { ledger, past } = &mut *books;
        past.add(&self.producer, ledger.undeclared());
        std::mem::take(past)
    }

    /// Whether an event in flight says something of earlier chains.
    #[cfg(test)]
    pub(super) fn is_saying(&self) -> bool {
        self.books().past.is_saying()
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Settle for Chain {
    fn kept(&self, number: u64) {
        let mut books = self.books();
        books.ledger.kept(number);
        books.past.kept(number);
    }

    fn void(&self, number: u64) {
        let mut books = self.books();
        books.ledger.void(number);
        books.past.void(number);
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chain({})", self.producer)
    }
}
