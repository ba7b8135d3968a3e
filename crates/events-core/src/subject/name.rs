use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::{Problem, Violations};

/// A subject to publish to: tokens of `[A-Za-z0-9_-]` joined by dots, no wildcard.
///
/// Narrower than NATS allows, so that no tenant, type or id can add a token or a wildcard. A clone
/// is a reference count.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Subject(Arc<str>);

impl Subject {
    /// The subject.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A subject of tokens that were checked one by one, if it is short enough.
    pub(super) fn of_tokens(subject: &str) -> Option<Self> {
        (subject.len() <= MAX_LENGTH).then(|| Self(subject.into()))
    }

    /// The tokens between the dots.
    pub fn tokens(&self) -> std::str::Split<'_, char> {
        self.0.split('.')
    }
}

impl FromStr for Subject {
    type Err = Violations;

    fn from_str(subject: &str) -> Result<Self, Violations> {
        if subject.len() <= MAX_LENGTH && subject.split('.').all(is_token) {
            Ok(Self(subject.into()))
        } else {
            let rule = "dot-separated tokens of A-Z, a-z, 0-9, _ and -, 512 bytes at most";
            Err(Violations::one("subject", Problem::MustBe(rule)))
        }
    }
}

impl From<Subject> for Arc<str> {
    fn from(subject: Subject) -> Self {
        subject.0
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether `text` can be one token of a subject.
pub(super) fn is_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    !text.is_empty() && text.bytes().all(allowed)
}

pub(super) const MAX_LENGTH: usize = 512;
