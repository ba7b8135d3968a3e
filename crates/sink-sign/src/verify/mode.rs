use std::fmt;
use std::str::FromStr;

/// How much of an event must be signed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Mode {
    /// Core attributes, data and every extension attribute but `traceparent` and `tracestate`,
    /// and nothing in the material beside it. An extension that is not signed is an alteration.
    #[default]
    Strict,
    /// Core attributes, data and the extension attributes that are listed as signed. Others pass,
    /// marked as unverified.
    Passthrough,
    /// Core attributes and data. Extension attributes are not looked at and dropped, so chains
    /// cannot be judged.
    CoreOnly,
}

/// The word names no mode.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("read a mode of verification: strict, passthrough or core-only")]
pub struct ModeError;

impl FromStr for Mode {
    type Err = ModeError;

    fn from_str(word: &str) -> Result<Self, ModeError> {
        let modes = [Self::Strict, Self::Passthrough, Self::CoreOnly];
        let found = modes.into_iter().find(|mode| mode.to_string() == word);
        found.ok_or(ModeError)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Strict => "strict",
            Self::Passthrough => "passthrough",
            Self::CoreOnly => "core-only",
        })
    }
}
