use std::fmt;

use streams::history::{Cursor, Position};
use supervisor::journal_history;

/// Where an item is kept.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Stream(Position),
    Journal(journal_history::Position),
    /// The id a supervisor's live tail gave it.
    Id(String),
}

/// How far a reading has come: what `--after` takes to go on.
#[derive(Clone, Debug)]
pub(crate) enum Bookmark {
    Nowhere,
    Streams(Cursor),
    Single(String),
}

impl Bookmark {
    /// Moves to an item that was dealt with.
    pub(crate) fn reach(&mut self, place: &Place) {
        match (&mut *self, place) {
            (Self::Streams(cursor), Place::Stream(position)) => cursor.advance(position),
            (_, Place::Stream(position)) => *self = Self::Streams(position.clone().into()),
            (_, Place::Journal(position)) => *self = Self::Single(position.to_string()),
            (_, Place::Id(id)) => *self = Self::Single(id.clone()),
        }
    }

    /// The text that `--after` takes, if there is any.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Nowhere => None,
            Self::Streams(cursor) => Some(cursor.to_string()).filter(|text| !text.is_empty()),
            Self::Single(text) => Some(text.clone()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream(position) => position.fmt(f),
            Self::Journal(position) => position.fmt(f),
            Self::Id(id) => id.fmt(f),
        }
    }
}
