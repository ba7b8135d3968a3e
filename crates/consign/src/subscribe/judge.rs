use sink_sign::{Mode, PublicKeys, Verdict, Verifier};
use supervisor::exit::Failure;

use super::Arguments;
use crate::history::Item;
use crate::human::{count, counted};
use crate::shown::verdict;
use crate::verify::accepted_keys;

/// Counts what came and, where asked to, judges signatures.
#[derive(Debug)]
pub(super) struct Judge {
    verifier: Option<Verifier>,
    pub(super) events: u64,
    verified: u64,
    unsigned: u64,
    failed: u64,
    others: u64,
}

impl Judge {
    pub(super) fn new(arguments: &Arguments) -> Result<Self, Failure> {
        let keys = arguments
            .verify
            .then(|| accepted_keys(&arguments.keys, &[]));
        let verifier = |keys: PublicKeys| Verifier::new(keys, Mode::Strict);
        Ok(Self {
            verifier: keys.transpose()?.map(verifier),
            events: 0,
            verified: 0,
            unsigned: 0,
            failed: 0,
            others: 0,
        })
    }

    /// Counts an item. What is to be thought of its signature, where that is asked.
    pub(super) fn look(&mut self, item: &Item) -> Option<String> {
        let Some(event) = item.event() else {
            self.others += 1;
            return None;
        };
        self.events += 1;
        let verifier = self.verifier.as_ref()?;
        let judged = match event.to_event() {
            Ok(event) => verifier.check(&event),
            Err(_) => Verdict::Altered(sink_sign::Alteration::Core),
        };
        match &judged {
            Verdict::Verified { .. } => self.verified += 1,
            Verdict::Unsigned => self.unsigned += 1,
            _ => self.failed += 1,
        }
        Some(verdict(&judged))
    }

    /// Everything that came.
    pub(super) const fn seen(&self) -> u64 {
        self.events + self.others
    }

    /// Whether something does not hold.
    pub(super) const fn has_findings(&self) -> bool {
        self.failed > 0 || self.unsigned > 0
    }

    pub(super) fn summary(&self) -> String {
        let mut words = counted(self.events, "event");
        if self.verifier.is_some() {
            let (verified, unsigned) = (count(self.verified), count(self.unsigned));
            words.push_str(&format!(", {verified} verified, {unsigned} unsigned"));
            if self.failed > 0 {
                words.push_str(&format!(", {} FAILED", count(self.failed)));
            }
        }
        if self.others > 0 {
            words.push_str(&format!(", {}", counted(self.others, "other message")));
        }
        words
    }
}
