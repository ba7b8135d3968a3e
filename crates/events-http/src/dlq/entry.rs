use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::DlqSummary;

/// One record with its event. As JSON the summary's fields, and `event`, byte for byte as stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DlqEntry {
    /// The record.
    pub summary: DlqSummary,
    /// The event in structured mode, redacted and signed.
    pub event: Bytes,
}

impl DlqEntry {
    /// As JSON.
    ///
    /// # Errors
    /// The event's bytes are no JSON. Says where, and nothing of what they are.
    pub fn to_json(&self) -> Result<String, NotAnEntry> {
        let event: &RawValue = serde_json::from_slice(&self.event).map_err(NotAnEntry::at)?;
        let whole = Whole {
            summary: &self.summary,
            event,
        };
        serde_json::to_string(&whole).map_err(NotAnEntry::at)
    }

    /// From JSON.
    ///
    /// # Errors
    /// The text is not what [`to_json`](Self::to_json) makes.
    pub fn from_json(text: &[u8]) -> Result<Self, NotAnEntry> {
        let summary = serde_json::from_slice(text).map_err(NotAnEntry::at)?;
        let carrier: Carrier<'_> = serde_json::from_slice(text).map_err(NotAnEntry::at)?;
        Ok(Self {
            summary,
            event: Bytes::copy_from_slice(carrier.event.get().as_bytes()),
        })
    }
}

/// A text that is not a record with its event.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a record with its event as JSON, at line {line}, column {column}")]
pub struct NotAnEntry {
    line: usize,
    column: usize,
}

impl NotAnEntry {
    /// The error itself would quote values.
    #[expect(clippy::needless_pass_by_value, reason = "it is used in map_err")]
    fn at(error: serde_json::Error) -> Self {
        Self {
            line: error.line(),
            column: error.column(),
        }
    }
}

#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    summary: &'a DlqSummary,
    event: &'a RawValue,
}

#[derive(Deserialize)]
struct Carrier<'a> {
    #[serde(borrow)]
    event: &'a RawValue,
}
