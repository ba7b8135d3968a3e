use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::verify::Verdict;
use crate::{ProducerId, Ranges};

/// What an audit found, for people and for programs.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Report {
    pub(super) events: u64,
    pub(super) findings: u64,
    /// Events whose signature holds.
    pub verified: u64,
    /// Events without a signature.
    pub unsigned: u64,
    /// Events that are not what was signed.
    pub altered: u64,
    /// Events signed with keys that are not accepted.
    pub unknown_key: u64,
    /// Events signed when the key's signatures did not count.
    pub expired_key: u64,
    /// Lines that hold no event.
    pub unreadable: u64,
    /// Verified events of ours in another spelling than ours, judged in the strict mode alone.
    pub rewritten: u64,
    /// Ranges of a spool in which something else stands than was written.
    pub damaged: u64,
    /// Last lines, and tails of a spool, cut short by a crash: no findings.
    pub torn_tails: u64,
    /// Identities that came under a second number: a host sent them again. No findings.
    pub resends: u64,
    /// Events in a spool whose numbers are stored too: delivered, with the answer lost. No findings.
    pub also_stored: u64,
    /// Verified events for each key.
    pub keys: BTreeMap<String, u64>,
    /// What became of signatures that verified events arrived with. No findings.
    pub origins: Origins,
    /// Every chain that a verified event belongs to, by name.
    pub chains: Vec<ChainReport>,
    /// The first thousand findings that have a place.
    pub faults: Vec<Fault>,
    /// How many more there were.
    pub faults_left_out: u64,
}

/// What is to be said of one chain: of one run, for one route and tenant.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ChainReport {
    /// The chain's name.
    pub producer: ProducerId,
    /// The lowest number seen. Those below are not judged: retention takes the oldest.
    pub first: u64,
    /// The highest number seen.
    pub last: u64,
    /// How many events were seen, repeated ones included.
    pub events: u64,
    /// Numbers between them that must be there and are not. Findings.
    pub holes: Ranges,
    /// Missing numbers that a later event says are not to be expected.
    pub declared: Ranges,
    /// Missing numbers above the highest that any event says is settled: in flight in a crash.
    pub undetermined: Ranges,
    /// Numbers that more than one event bears.
    pub duplicates: Ranges,
    /// How many events bear a number that was there before. Findings.
    pub repeats: u64,
    /// How many events stand after one with a higher number. Findings in strict order.
    pub reordered: u64,
}

/// How many signatures that events arrived with still hold.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Origins {
    /// They do.
    pub holds: u64,
    /// They do not: the event was changed since, as redaction does.
    pub broken: u64,
    /// Their keys are not accepted.
    pub unknown_key: u64,
}

/// A finding and its place.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Fault {
    /// The file or the stream.
    pub source: String,
    /// The line, the number in the stream, the spool's record, or a damaged range's offset.
    pub line: u64,
    /// The event's message id, where it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// What is wrong.
    pub finding: Finding,
}

/// What can be wrong with one event among others.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Finding {
    /// The line holds no event.
    Unreadable,
    /// The event by itself is not to be trusted.
    Untrusted(Verdict),
    /// The line is spelled otherwise than it was written.
    Rewritten,
    /// Something else stands there than was written.
    Damaged,
    /// Another event bears its number.
    Duplicate,
    /// It stands after an event with a higher number of its chain.
    Reordered,
}

impl Report {
    /// How many things are wrong. Zero for an honest, complete record, and for an empty one.
    #[must_use]
    pub fn findings(&self) -> u64 {
        self.findings
    }

    /// How many events were read, verified or not.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => f.write_str("unreadable: no event"),
            Self::Untrusted(verdict) => verdict.fmt(f),
            Self::Rewritten => f.write_str("rewritten: not spelled as it was written"),
            Self::Damaged => f.write_str("damaged: something else stands there than was written"),
            Self::Duplicate => f.write_str("duplicate: its number was there before"),
            Self::Reordered => f.write_str("reordered: a higher number stands before it"),
        }
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
