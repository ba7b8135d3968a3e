use serde::Serialize;

use crate::human::{count, counted};

/// What became of the events that were handed over.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Tally {
    pub(crate) stored: u64,
    pub(crate) duplicates: u64,
    pub(crate) spilled: u64,
    pub(crate) refused: u64,
}

impl Tally {
    pub(crate) fn in_words(self) -> String {
        let mut words = counted(self.stored, "event") + " stored";
        for (number, name) in [
            (self.duplicates, "duplicates: the stream has them already"),
            (self.spilled, "spilled, and redriven by the supervisor"),
            (self.refused, "refused"),
        ] {
            if number > 0 {
                words.push_str(&format!(", {} {name}", count(number)));
            }
        }
        words
    }
}
