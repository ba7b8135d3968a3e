use events_core::ErrorKind;

use crate::{Query, RecordId};

/// Which records an operator has redriven.
#[derive(Clone, Debug)]
pub enum Selection {
    /// Every record of every area.
    All,
    /// These.
    Ids(Vec<RecordId>),
    /// All that a query asks for, whatever its limit.
    Query(Query),
}

/// What became of the records that an operator selected.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RedriveReport {
    /// Records that the destination has by now, `duplicates` among them.
    pub stored: usize,
    /// Those of them that it had already.
    pub duplicates: usize,
    /// Selected ids that no record has any more: delivered or dropped by now.
    pub gone: usize,
    /// Selected ids that were never given to a record, as far as that can be told: those beyond
    /// the highest that was.
    pub unknown: Vec<RecordId>,
    /// Records that it does not have, and why; the first hundred.
    pub failed: Vec<NotStored>,
    /// Selected records that are still in the spool, whichever area, tried or not.
    pub left: usize,
}

/// A record that was not stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NotStored {
    /// Its name in the spool.
    pub id: RecordId,
    /// What the error asks for.
    pub kind: ErrorKind,
    /// The error in words; no event's data.
    pub reason: String,
}

impl RedriveReport {
    pub(super) fn failed(&mut self, id: RecordId, kind: ErrorKind, reason: &str) {
        if self.failed.len() < REPORTED {
            self.failed.push(NotStored {
                id,
                kind,
                reason: reason.to_owned(),
            });
        }
    }
}

const REPORTED: usize = 100;
