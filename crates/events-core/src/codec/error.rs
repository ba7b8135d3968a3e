use thiserror::Error;

use crate::{Problem, Violations};

/// Bounds on what a decoder accepts.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest event, in bytes of its form as received.
    pub event_bytes: usize,
    /// The most events in a batch.
    pub batch_events: usize,
}

impl Limits {
    /// No bounds, for bytes that passed a bound before.
    pub const UNLIMITED: Self = Self {
        event_bytes: usize::MAX,
        batch_events: usize::MAX,
    };
}

impl Default for Limits {
    /// 256 KiB an event, 1,000 events a batch.
    fn default() -> Self {
        Self {
            event_bytes: 256 * 1024,
            batch_events: 1000,
        }
    }
}

/// Why something received is no event.
#[derive(Clone, Debug, Error)]
pub enum DecodeError {
    /// It breaks rules of CloudEvents or JSON.
    #[error("the event breaks the rules of CloudEvents")]
    Invalid(#[source] Violations),
    /// It is longer than allowed.
    #[error("the event is longer than {limit} bytes")]
    TooLarge {
        /// The bound in bytes.
        limit: usize,
    },
    /// A batch holds more events than allowed.
    #[error("the batch holds more than {limit} events")]
    TooMany {
        /// The bound.
        limit: usize,
    },
    /// Its media type is no form of CloudEvents that is understood.
    #[error("the media type is no form of CloudEvents understood here")]
    UnsupportedMedia,
}

impl DecodeError {
    /// The fault as violations, whatever it is.
    #[must_use]
    pub fn into_violations(self) -> Violations {
        match self {
            Self::Invalid(violations) => violations,
            Self::TooLarge { .. } => {
                Violations::one("event", Problem::MustNot("be longer than the limit"))
            }
            Self::TooMany { .. } => {
                Violations::one("event", Problem::MustNot("stand in a batch over the limit"))
            }
            Self::UnsupportedMedia => {
                Violations::one("event", Problem::MustBe("in a CloudEvents media type"))
            }
        }
    }

    pub(super) fn check_size(bytes: &[u8], limits: Limits) -> Result<(), Self> {
        let limit = limits.event_bytes;
        if bytes.len() > limit {
            Err(Self::TooLarge { limit })
        } else {
            Ok(())
        }
    }
}

impl From<Violations> for DecodeError {
    fn from(violations: Violations) -> Self {
        Self::Invalid(violations)
    }
}
