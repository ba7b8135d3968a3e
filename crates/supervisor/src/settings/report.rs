use serde::Serialize;

use super::origin::Origin;
use super::row::Row;

/// What every setting came to and where it came from. Holds no secret.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub(super) entries: Vec<Entry>,
    pub(super) notices: Vec<String>,
}

impl Report {
    /// What an operator should be told though nothing is wrong, such as the use of old names.
    pub fn notices(&self) -> impl Iterator<Item = &str> {
        self.notices.iter().map(String::as_str)
    }

    /// Whether somebody set this setting on purpose, under any of its names.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.entry(name)
            .is_some_and(|entry| entry.origin.is_explicit())
    }

    pub(super) fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.row.name == name)
    }
}

/// What one setting came to.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) row: &'static Row,
    /// The value as it may be printed; nothing for a setting that is neither set nor defaulted.
    pub(super) shown: Option<String>,
    pub(super) origin: Origin,
    /// Weaker sources that were set too.
    pub(super) shadowed: Vec<Origin>,
    pub(super) faulty: bool,
}

impl Entry {
    /// The value, in words where there is none.
    pub(super) fn value(&self) -> &str {
        match &self.shown {
            _ if self.faulty => "(invalid)",
            Some(text) => text,
            None => self.row.default_text(),
        }
    }
}

/// An entry as other programs read it.
#[derive(Debug, Serialize)]
pub(super) struct Line<'a> {
    pub(super) name: &'static str,
    pub(super) value: Option<&'a str>,
    pub(super) from: String,
    pub(super) valid: bool,
}
