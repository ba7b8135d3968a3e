use std::fmt;
use std::str::FromStr;

/// Names a record: unique in its spool for ever, kept when the record moves to another area.
/// Ordered as the records were first spilled. Displayed with 20 digits.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RecordId(u64);

impl RecordId {
    pub(crate) const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number itself.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl From<u64> for RecordId {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:020}", self.0)
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordId({})", self.0)
    }
}

impl FromStr for RecordId {
    type Err = MalformedId;

    /// Digits, with or without the leading zeros.
    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let is_number = text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = if is_number { text.parse().ok() } else { None };
        number.map(Self).ok_or(MalformedId)
    }
}

/// A text that is no [`RecordId`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("read a record id, which is a number of at most 20 digits")]
pub struct MalformedId;

#[cfg(test)]
mod tests {
    use super::RecordId;

    #[test]
    fn ids_read_back_with_or_without_zeros() {
        let id = RecordId::new(42);
        assert_eq!(id.to_string(), "00000000000000000042");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("42".parse(), Ok(id));
        for text in [
            "",
            "+1",
            "-1",
            " 1",
            "1 ",
            "0x1",
            "99999999999999999999",
            "000000000000000000001",
        ] {
            text.parse::<RecordId>().unwrap_err();
        }
    }
}
