use std::io;
use std::path::{Path, PathBuf};

use super::auth::Auth;

/// What can never work, however often it is tried. Nothing of a credential is in its texts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// There is no server in the options.
    #[error("connect without a server")]
    NoServer,
    /// A server's URL cannot be read. The text is not repeated: it may hold a password.
    #[error("read a server's URL: {reason}")]
    Url {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// More than one login is given.
    #[error("choose between {one} and {other}; give one login")]
    TwoLogins {
        /// One.
        one: Auth,
        /// The other.
        other: Auth,
    },
    /// The TLS settings contradict each other.
    #[error("set up TLS: {reason}")]
    Tls {
        /// How.
        reason: &'static str,
    },
    /// A file cannot be read.
    #[error("read {what} {}", path.display())]
    Unreadable {
        /// What the file is for.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file does not hold what it should.
    #[error("use {what} {}: {reason}", path.display())]
    Malformed {
        /// What the file is for.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// What subjects are to begin with, or to be built of, is not made for it.
    #[error("use {what}: it is no part of a subject")]
    Subject {
        /// What it is.
        what: &'static str,
    },
    /// The runtime shuts down.
    #[error("read files while the runtime shuts down")]
    Interrupted,
}

impl ConnectError {
    pub(super) fn malformed(what: &'static str, path: &Path, reason: &'static str) -> Self {
        Self::Malformed {
            what,
            path: path.to_owned(),
            reason,
        }
    }
}
