use events_core::ErrorKind;
use serde::{Deserialize, Serialize};

use super::words;

/// What became of the records that were delivered anew. As JSON a document of kind `DlqReport`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", rename = "DlqReport")]
pub struct DlqReport {
    /// Records whose event is stored at its destination now, and was not before.
    pub stored: u64,
    /// Records whose event the destination had already.
    pub duplicates: u64,
    /// Chosen ids that no record has any more: delivered or dropped by now.
    #[serde(default)]
    pub gone: u64,
    /// Chosen ids that no record ever had, as far as that can be told.
    #[serde(default, with = "words::as_all_digits")]
    pub unknown: Vec<u64>,
    /// Chosen records whose event the destination does not have, and why; the first of them
    /// where they are many.
    pub failed: Vec<DlqFailure>,
    /// How many of the chosen records the spool still holds, tried or not.
    pub left: u64,
}

/// A record that could not be delivered.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct DlqFailure {
    /// The record's number; in JSON a text of 20 digits.
    #[serde(with = "words::as_digits")]
    pub id: u64,
    /// The kind of error it met.
    #[serde(with = "words::as_word")]
    pub kind: ErrorKind,
    /// The error in words.
    pub reason: String,
}
