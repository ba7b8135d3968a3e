use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::segment::{file_name, number_in};

/// A place in a journal, written `<segment>:<offset>`: the segment's file name, and how many
/// bytes of it come before.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Position {
    pub(super) number: u64,
    pub(super) offset: u64,
}

/// A text that names no position.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a position is a segment, a colon and an offset, as in 00000000000000000001.jsonl:0")]
pub struct BadPosition;

impl Position {
    /// The segment's file name, as receipts have it.
    #[must_use]
    pub fn segment(&self) -> String {
        file_name(self.number)
    }

    /// Bytes from the start of the segment.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    pub(super) const fn new(number: u64, offset: u64) -> Self {
        Self { number, offset }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.segment(), self.offset)
    }
}

impl FromStr for Position {
    type Err = BadPosition;

    fn from_str(text: &str) -> Result<Self, BadPosition> {
        let (segment, digits) = text.rsplit_once(':').ok_or(BadPosition)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(BadPosition);
        }
        Ok(Self {
            number: number_in(segment).ok_or(BadPosition)?,
            offset: digits.parse().map_err(|_| BadPosition)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Position;

    #[test]
    fn positions_read_back_and_nothing_else_is_one() {
        let text = "00000000000000000007.jsonl:42";
        let position: Position = text.parse().unwrap();
        assert_eq!(position.to_string(), text);
        assert_eq!(position.offset(), 42);
        for bad in [
            "",
            "7.jsonl:42",
            "00000000000000000007.jsonl",
            "00000000000000000007.jsonl:",
            "00000000000000000007.jsonl:+1",
            "../00000000000000000007.jsonl:1",
        ] {
            assert!(bad.parse::<Position>().is_err(), "{bad}");
        }
    }
}
