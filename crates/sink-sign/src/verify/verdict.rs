use std::fmt;

use crate::KeyId;

/// What is to be thought of one event.
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use = "an event that is not verified must not be trusted"]
pub enum Verdict {
    /// It is what the key's owner signed, as far as the mode looks.
    Verified {
        /// The key that signed it.
        key_id: KeyId,
    },
    /// It bears no signature. Whether it ever did cannot be told from it.
    Unsigned,
    /// It is not what was signed.
    Altered(Alteration),
    /// None of the keys its signatures name is accepted.
    UnknownKey,
    /// It is what was signed, but at a time when the key's signatures do not count.
    ExpiredKey {
        /// The key that signed it.
        key_id: KeyId,
    },
}

/// Where an altered event differs from what was signed, or contradicts itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Alteration {
    /// The verification material is malformed.
    Material,
    /// The signature is not the key's over this material.
    Signature,
    /// A core attribute or the data.
    Core,
    /// The value of a signed extension attribute.
    Extensions,
    /// An extension attribute is there that was not signed.
    UnsignedExtension,
    /// `exacttime` is not the time, to the digit.
    ExactTime,
    /// `producerid` names no chain of the key and the tenant, or it or its number is not signed.
    Producer,
    /// `sequence`, `settledsequence` or `voidedsequences` is malformed, or contradicts another.
    Sequence,
}

impl Verdict {
    /// Whether the event is verified.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        matches!(self, Self::Verified { .. })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verified { key_id } => write!(f, "verified, signed by {key_id}"),
            Self::Unsigned => f.write_str("unsigned"),
            Self::Altered(alteration) => write!(f, "altered: {alteration}"),
            Self::UnknownKey => f.write_str("unknown key"),
            Self::ExpiredKey { key_id } => write!(f, "expired key {key_id}"),
        }
    }
}

impl fmt::Display for Alteration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Material => "the verification material is malformed",
            Self::Signature => "the signature does not match",
            Self::Core => "a core attribute or the data differs",
            Self::Extensions => "a signed extension attribute differs",
            Self::UnsignedExtension => "an extension attribute is not signed",
            Self::ExactTime => "the time is not the signed one to the digit",
            Self::Producer => "producerid does not fit the signature",
            Self::Sequence => "the sequence attributes are malformed",
        })
    }
}
