use std::error::Error;
use std::io;

use thiserror::Error;

/// Why a key or a file of keys cannot be used. Never holds any part of a key.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The file cannot be read, written or looked at.
    #[error("{0} the key file")]
    File(&'static str, #[source] io::Error),
    /// Others than the owner can read the private key's file, or write it.
    #[error("use a key file that others can read or write (mode {0:03o}); run chmod 600 on it")]
    Exposed(u32),
    /// The private key's file is a link that belongs to someone else than what it leads to.
    #[error("use a key file behind a link of another owner")]
    ForeignLink,
    /// The text is no private key.
    #[error("read a private key: neither an Ed25519 key in PKCS#8 PEM nor 32 bytes in base64")]
    Private,
    /// The text is no JSON Web Key Set.
    #[error("read a JSON Web Key Set: malformed at line {line}, column {column}")]
    KeySet {
        /// The line of the fault, from 1.
        line: usize,
        /// The column of the fault, from 1.
        column: usize,
    },
    /// A member of a key set is no public key, for the reason told.
    #[error("read key {0} of the set: {1}")]
    Member(usize, &'static str),
    /// Two different keys of one name.
    #[error("tell two keys of the same id apart")]
    Duplicate,
    /// The bytes name no point that a key of this kind can be.
    #[error("read a public key: no valid point")]
    Point,
    /// The name is none a key can have.
    #[error("name a key: up to 256 characters, none of them control characters")]
    Id,
    /// The name is none a signing key can have.
    #[error("name a signing key: 1 to 64 of A-Z, a-z, 0-9, . _ and -, no dot at either end")]
    SigningId,
    /// The system gives no random bytes.
    #[error("get random bytes from the system")]
    Random(#[source] getrandom::Error),
}

/// A signature could not be made. Only keys that are used from afar fail so.
#[derive(Debug, Error)]
#[error("use the signing key")]
pub struct SignError(#[source] Box<dyn Error + Send + Sync>);

impl SignError {
    /// A failure with its cause, which must not hold any part of a key or an event.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}
