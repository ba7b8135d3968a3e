use crate::verify::Position;
use crate::{ProducerId, Ranges};

use super::report::ChainReport;

/// What was seen of one chain. Its size follows the gaps, not the events.
#[derive(Debug, Default)]
pub(super) struct Chain {
    events: u64,
    seen: Ranges,
    twice: Ranges,
    repeats: u64,
    reordered: u64,
    /// The highest number that any event says is settled.
    settled: u64,
    declared: Ranges,
}

/// How an event stands to those of its chain before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Step {
    /// Its number is the highest so far.
    Onward,
    /// A higher number was stored before it.
    Back,
    /// Its number was there before.
    Again,
}

impl Chain {
    /// Takes note of an event whose position is verified.
    pub(super) fn see(&mut self, position: &Position) -> Step {
        self.events += 1;
        self.settled = self.settled.max(position.settled);
        self.declared.extend(&position.voided.own);
        let highest = self.seen.last().unwrap_or(0);
        if !self.seen.insert(position.sequence) {
            self.twice.insert(position.sequence);
            self.repeats += 1;
            Step::Again
        } else if position.sequence < highest {
            self.reordered += 1;
            Step::Back
        } else {
            Step::Onward
        }
    }

    /// Takes note of a verified event in a spool. True where its number was there before.
    pub(super) fn see_spooled(&mut self, position: &Position) -> bool {
        self.settled = self.settled.max(position.settled);
        self.declared.extend(&position.voided.own);
        let is_new = self.seen.insert(position.sequence);
        self.events += u64::from(is_new);
        !is_new
    }

    /// Takes note of numbers that an event of another chain declares.
    pub(super) fn declare(&mut self, numbers: &Ranges) {
        self.declared.extend(numbers);
    }

    /// The judgement, `None` where no event of the chain was seen.
    ///
    /// Numbers below the first seen are not judged: retention takes the oldest.
    pub(super) fn report(&self, producer: &ProducerId) -> Option<ChainReport> {
        let (first, last) = (self.seen.first()?, self.seen.last()?);
        let missing = self.seen.gaps();
        let mut holes = missing.clone();
        holes.subtract(&self.declared);
        let mut declared = missing;
        declared.subtract(&holes);
        let mut undetermined = holes.clone();
        undetermined.remove_range(0, self.settled);
        holes.subtract(&undetermined);
        Some(ChainReport {
            producer: producer.clone(),
            first,
            last,
            events: self.events,
            holes,
            declared,
            undetermined,
            duplicates: self.twice.clone(),
            repeats: self.repeats,
            reordered: self.reordered,
        })
    }
}
