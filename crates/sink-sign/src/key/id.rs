use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::KeyError;

/// What a key is called: `keyid` of a signature, `kid` of a JSON Web Key. A clone is a reference
/// count.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyId(pub(super) Arc<str>);

impl KeyId {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a signing key of ours can have this name, since `producerid` starts with it:
    /// `[A-Za-z0-9._-]{1,64}` with no dot at either end.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        (1..=64).contains(&self.0.len())
            && self.0.bytes().all(allowed)
            && !self.0.starts_with('.')
            && !self.0.ends_with('.')
    }
}

impl FromStr for KeyId {
    type Err = KeyError;

    /// Any name without control characters, of 1 to 256 bytes.
    fn from_str(name: &str) -> Result<Self, KeyError> {
        if (1..=256).contains(&name.len()) && !name.chars().any(char::is_control) {
            Ok(Self(name.into()))
        } else {
            Err(KeyError::Id)
        }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for KeyId {
    fn borrow(&self) -> &str {
        &self.0
    }
}
