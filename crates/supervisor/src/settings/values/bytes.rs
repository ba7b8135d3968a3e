use std::fmt;
use std::str::FromStr;

use super::{Form, Given, Value, Wrong};

/// A number of bytes, written `256KiB`, `1GiB` or plainly `262144`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Bytes(u64);

impl Bytes {
    /// So many bytes.
    #[must_use]
    pub const fn new(count: u64) -> Self {
        Self(count)
    }

    /// The number of bytes.
    #[must_use]
    pub const fn count(self) -> u64 {
        self.0
    }

    /// The number of bytes as a length in memory, the largest one where it does not fit.
    #[must_use]
    pub fn as_len(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl FromStr for Bytes {
    type Err = NotASize;

    fn from_str(text: &str) -> Result<Self, NotASize> {
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let unit = text.get(digits.len()..).unwrap_or_default().trim_start();
        // Digits alone: `parse` would take a sign too.
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotASize);
        }
        let count: u64 = digits.parse().map_err(|_| NotASize)?;
        let factor = UNITS
            .into_iter()
            .find(|(name, _)| unit.eq_ignore_ascii_case(name))
            .or_else(|| unit.is_empty().then_some(("B", 1)))
            .map(|(_, factor)| factor)
            .ok_or(NotASize)?;
        count.checked_mul(factor).map(Self).ok_or(NotASize)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fitting =
            |(_, factor): &(&str, u64)| self.0 >= *factor && self.0.is_multiple_of(*factor);
        match UNITS.into_iter().find(fitting) {
            Some((unit, factor)) => write!(f, "{}{unit}", self.0 / factor),
            None => write!(f, "{}B", self.0),
        }
    }
}

impl Value for Bytes {
    const FORM: Form = Form::Text {
        noun: "a size",
        example: "512MiB",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        given.text.parse().map_err(|NotASize| Wrong::Form)
    }

    fn amount(&self) -> Option<u128> {
        Some(u128::from(self.0))
    }
}

/// The text is no number of bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a size")]
pub struct NotASize;

const UNITS: [(&str, u64); 5] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_every_spelling() {
        for (text, count) in [
            ("0", 0),
            ("17", 17),
            ("17B", 17),
            ("256KiB", 262_144),
            ("256 kib", 262_144),
            ("1GiB", 1_073_741_824),
            ("2TiB", 2_199_023_255_552),
        ] {
            assert_eq!(text.parse(), Ok(Bytes(count)), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in [
            "",
            "KiB",
            "10 potatoes",
            "-1",
            "+1",
            "1.5GiB",
            "1KB",
            "1Ki B",
            "20000000TiB",
        ] {
            assert_eq!(text.parse::<Bytes>(), Err(NotASize), "{text}");
        }
    }

    #[test]
    fn display_is_read_back() {
        for (count, text) in [
            (0, "0B"),
            (1023, "1023B"),
            (1 << 20, "1MiB"),
            (1536 << 20, "1536MiB"),
        ] {
            let size = Bytes(count);
            assert_eq!(size.to_string(), text);
            assert_eq!(text.parse(), Ok(size));
        }
    }
}
