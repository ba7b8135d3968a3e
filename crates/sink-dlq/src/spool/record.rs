use std::time::SystemTime;

use events_core::{ErrorKind, Place, WireEvent};

use super::{Area, RecordId};

/// What is spilled: a sealed event, where it was meant to go, and why it did not get there.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The event, stored byte for byte.
    pub event: WireEvent,
    /// The subject it is delivered to.
    pub subject: String,
    /// Why it is here.
    pub cause: Cause,
}

/// A record of the spool, read back.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its name in the spool.
    pub id: RecordId,
    /// Where it stands.
    pub area: Area,
    /// The subject it is delivered to.
    pub subject: String,
    /// Why it is here, with what [`note_attempt`](super::Spool::note_attempt) added.
    pub cause: Cause,
    /// The event, byte for byte as it was spilled.
    pub event: WireEvent,
    /// The segment and offset it stands at now.
    pub place: Place,
}

/// A record that is on the disk.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stored {
    /// Its name in the spool.
    pub id: RecordId,
    /// The segment and offset it was written to.
    pub place: Place,
}

/// Why an event is in the spool.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cause {
    /// What the destination's error asks for.
    pub kind: ErrorKind,
    /// The error in words; no event's data. Stored as [`Cause::new`] bounds it.
    pub reason: String,
    /// Deliveries that failed.
    pub attempts: u32,
    /// When the first did. Stored to the microsecond, from 1970 on.
    pub first_failed: SystemTime,
    /// When the last did.
    pub last_failed: SystemTime,
}

impl Cause {
    /// A first failure. The reason is cut to 512 bytes, its control characters escaped.
    #[must_use]
    pub fn new(kind: ErrorKind, reason: &str, at: SystemTime) -> Self {
        Self {
            kind,
            reason: bounded(reason),
            attempts: 1,
            first_failed: at,
            last_failed: at,
        }
    }
}

/// How much one [`next`](super::Spool::next) reads at most. The first record always fits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limit {
    /// Records.
    pub records: usize,
    /// Bytes of them on the disk.
    pub bytes: usize,
}

/// A reason as it is stored: one line of at most 512 bytes, with nothing a terminal would obey.
pub(crate) fn bounded(reason: &str) -> String {
    let mut text = String::new();
    for character in reason.chars() {
        let start = text.len();
        if character.is_control() || is_formatting(character) {
            text.extend(character.escape_unicode());
        } else {
            text.push(character);
        }
        if text.len() > LONGEST_REASON {
            text.truncate(start);
            break;
        }
    }
    text
}

/// Turns text around or hides it, without being a control character.
fn is_formatting(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

const LONGEST_REASON: usize = 512;

#[cfg(test)]
mod tests {
    use super::{LONGEST_REASON, bounded};

    #[test]
    fn a_reason_is_bounded_and_harmless() {
        assert_eq!(bounded("no answer: é"), "no answer: é");
        assert_eq!(
            bounded("a\x1b[2J\nb\u{202e}"),
            "a\\u{1b}[2J\\u{a}b\\u{202e}"
        );
        for long in ["é".repeat(1000), "\n".repeat(1000), "x".repeat(513)] {
            let text = bounded(&long);
            assert!(text.len() <= LONGEST_REASON && text.len() > LONGEST_REASON - 6);
            assert_eq!(bounded(&text), text);
        }
    }
}
