use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;

use crate::StreamName;

/// A place in a stream, written `<stream>:<sequence>`. The sequence counts from 1.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Position {
    stream: Arc<StreamName>,
    sequence: u64,
}

/// A text that names no position.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a position is a stream's name, a colon and a sequence, as in CONSIGN_EVENTS:42")]
pub struct BadPosition;

impl Position {
    /// The place `sequence` in `stream`.
    #[must_use]
    pub fn new(stream: StreamName, sequence: u64) -> Self {
        Self::within(&Arc::new(stream), sequence)
    }

    /// The stream.
    #[must_use]
    pub fn stream(&self) -> &StreamName {
        &self.stream
    }

    /// The sequence in it.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    pub(super) fn within(stream: &Arc<StreamName>, sequence: u64) -> Self {
        let stream = Arc::clone(stream);
        Self { stream, sequence }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.stream, self.sequence)
    }
}

impl FromStr for Position {
    type Err = BadPosition;

    fn from_str(text: &str) -> Result<Self, BadPosition> {
        let (stream, digits) = text.rsplit_once(':').ok_or(BadPosition)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(BadPosition);
        }
        let sequence = digits.parse().map_err(|_| BadPosition)?;
        let stream = stream.parse().map_err(|_| BadPosition)?;
        Ok(Self::new(stream, sequence))
    }
}

/// How far several streams were read: one position for each, written with commas between.
///
/// That of one stream is written as its position is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Cursor(Vec<Position>);

impl Cursor {
    /// The positions, in no particular order.
    pub fn iter(&self) -> std::slice::Iter<'_, Position> {
        self.0.iter()
    }

    /// Where it stands in `stream`.
    #[must_use]
    pub fn of(&self, stream: &StreamName) -> Option<u64> {
        let own = |position: &&Position| position.stream() == stream;
        self.0.iter().find(own).map(Position::sequence)
    }

    /// Moves to `position` in its stream.
    pub fn advance(&mut self, position: &Position) {
        let same = |own: &&mut Position| {
            Arc::ptr_eq(&own.stream, &position.stream) || own.stream == position.stream
        };
        match self.0.iter_mut().find(same) {
            Some(own) => own.sequence = position.sequence,
            None => self.0.push(position.clone()),
        }
    }
}

impl From<Position> for Cursor {
    fn from(position: Position) -> Self {
        Self(vec![position])
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, position) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{position}")?;
        }
        Ok(())
    }
}

impl FromStr for Cursor {
    type Err = BadPosition;

    fn from_str(text: &str) -> Result<Self, BadPosition> {
        let mut cursor = Self::default();
        for position in text.split(',') {
            cursor.advance(&position.trim().parse()?);
        }
        Ok(cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Position};

    #[test]
    fn positions_and_cursors_read_back() {
        let position: Position = "CONSIGN_EVENTS:42".parse().unwrap();
        assert_eq!(
            (position.stream().as_str(), position.sequence()),
            ("CONSIGN_EVENTS", 42)
        );
        assert_eq!(Cursor::from(position).to_string(), "CONSIGN_EVENTS:42");
        let text = "A:1,B:18446744073709551615";
        let mut cursor: Cursor = text.parse().unwrap();
        assert_eq!(cursor.to_string(), text);
        cursor.advance(&"A:7".parse().unwrap());
        assert_eq!(cursor.of(&"A".parse().unwrap()), Some(7));
        assert_eq!(cursor.of(&"C".parse().unwrap()), None);
    }

    #[test]
    fn what_is_no_position_is_refused() {
        for bad in [
            "",
            "A",
            "A:",
            ":1",
            "A:+1",
            "A:1:2",
            "A:1,",
            "A.B:1",
            "A:99999999999999999999",
        ] {
            assert!(bad.parse::<Cursor>().is_err(), "{bad}");
        }
    }
}
