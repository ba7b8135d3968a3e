use std::fmt;
use std::str::FromStr;

use ulid::Ulid;

/// A run's name, which can be part of a subject and of a URI.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct RunId(String);

impl RunId {
    /// One that nobody else has.
    pub(super) fn generate() -> Self {
        Self(Ulid::generate().to_string())
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RunId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if (1..=64).contains(&text.len()) && text.bytes().all(token) {
            Ok(Self(text.to_owned()))
        } else {
            Err("want 1 to 64 letters, digits, - and _")
        }
    }
}
