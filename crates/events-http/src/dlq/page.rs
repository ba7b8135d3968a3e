use std::str::FromStr;

use events_core::ErrorKind;
use serde::{Deserialize, Serialize};

use super::words;

/// Some of the spool's records, and what it holds in all. As JSON a document of kind `DlqList`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", rename = "DlqList")]
pub struct DlqPage {
    /// The records, oldest first.
    #[serde(rename = "items")]
    pub records: Vec<DlqSummary>,
    /// What to ask for with `after` to see more; `None` at the end.
    #[serde(with = "words::as_digits_or_null")]
    pub next: Option<u64>,
    /// The whole spool, whatever was asked for; `None` for those who may see a part alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<DlqTotals>,
}

/// What a spool holds.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct DlqTotals {
    /// Records that are redriven by themselves.
    pub waiting: u64,
    /// Records that wait for an operator to change a setting.
    pub set_aside: u64,
    /// Records that were refused for good.
    pub dead: u64,
    /// The size on disk.
    pub bytes: u64,
    /// The age of the oldest record in seconds, 0 where there is none.
    pub oldest_age_s: u64,
}

/// One record without its event's data. Everything about the event is as it left the chain.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct DlqSummary {
    /// The record's number; in JSON a text of 20 digits.
    #[serde(with = "words::as_digits")]
    pub id: u64,
    /// The sink it waits for, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sink: Option<String>,
    /// Where in the spool it stands.
    pub area: DlqArea,
    /// The subject the event goes to.
    pub subject: String,
    /// The event's `type`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The event's `source`.
    pub source: String,
    /// The event's `id`.
    pub event_id: String,
    /// The event's tenant.
    pub tenant: String,
    /// The kind of the last error.
    #[serde(with = "words::as_word")]
    pub kind: ErrorKind,
    /// The last error in words.
    pub reason: String,
    /// How many times its delivery was tried.
    pub attempts: u64,
    /// When its delivery first failed (RFC 3339).
    pub first_failed: String,
    /// When its delivery last failed (RFC 3339).
    pub last_failed: String,
    /// The size of the event as it is stored.
    pub bytes: u64,
    /// Where on disk it is.
    pub place: DlqPlace,
}

/// Where on disk a record is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct DlqPlace {
    /// The segment's file name.
    pub segment: String,
    /// Bytes from the start of the segment to the record.
    pub offset: u64,
}

/// The parts of a spool.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DlqArea {
    /// Redriven in order, by themselves.
    Waiting,
    /// Held until an operator changes a setting.
    SetAside,
    /// Refused for good.
    Dead,
}

/// The word is none of the areas'.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an area is waiting, set-aside or dead")]
pub struct UnknownArea;

impl DlqArea {
    /// Every area there is.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::SetAside, Self::Dead];

    /// The area as one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::SetAside => "set-aside",
            Self::Dead => "dead",
        }
    }
}

impl FromStr for DlqArea {
    type Err = UnknownArea;

    fn from_str(word: &str) -> Result<Self, UnknownArea> {
        let mut all = Self::ALL.into_iter();
        all.find(|area| area.as_str() == word).ok_or(UnknownArea)
    }
}
