use serde::Serialize;

use super::Fate;
use crate::human::{count, counted};

/// What became of the events that were handed over.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Tally {
    pub(crate) stored: u64,
    pub(crate) duplicates: u64,
    pub(crate) spilled: u64,
    pub(crate) refused: u64,
    /// Handed over, and never answered.
    pub(crate) unknown: u64,
}

impl Tally {
    /// Counts what was never answered.
    pub(crate) const fn lose(&mut self, number: usize, fate: Fate) {
        match fate {
            Fate::Refused => self.refused += number as u64,
            Fate::Unknown => self.unknown += number as u64,
        }
    }

    /// How many are counted, whatever became of them.
    pub(crate) const fn events(self) -> u64 {
        self.stored + self.duplicates + self.spilled + self.refused + self.unknown
    }

    pub(crate) fn in_words(self) -> String {
        let mut words = counted(self.stored, "event") + " stored";
        if self.duplicates > 0 {
            let duplicates = counted(self.duplicates, "duplicate");
            words.push_str(&format!(", {duplicates} that the stream has already"));
        }
        for (number, name) in [
            (self.spilled, "spilled, and redriven by the supervisor"),
            (self.refused, "refused"),
            (
                self.unknown,
                "UNKNOWN: sent, never answered, perhaps stored",
            ),
        ] {
            if number > 0 {
                words.push_str(&format!(", {} {name}", count(number)));
            }
        }
        words
    }
}
