use std::time::Duration;

use events_core::ErrorKind;

/// Why the store did not take or give events. The source of a sink's error.
///
/// A reason is a code of the database's, with its words only where they cannot repeat a value.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database cannot be reached, is starting or stopping, or lost its connection.
    #[error("reach the database: {reason}")]
    Away {
        /// What it, or the connection, said.
        reason: String,
    },
    /// The database has no room.
    #[error("find room in the database: {reason}")]
    Full {
        /// What it said.
        reason: String,
    },
    /// The database refuses what the event holds.
    #[error("have the database take the event: {reason}")]
    Refused {
        /// Its code.
        reason: String,
    },
    /// The database, or the login, is not set up for this.
    #[error("use the database as it is set up: {reason}")]
    Setup {
        /// What it said.
        reason: String,
    },
    /// A later version of this program has changed the tables.
    #[error("use tables of version {found}, newer than {known}, the newest known here")]
    Newer {
        /// The version of the tables.
        found: i64,
        /// The newest one known.
        known: i64,
    },
    /// The event is longer than allowed.
    #[error("take an event of more than {limit} bytes")]
    TooLarge {
        /// The longest allowed, in bytes.
        limit: usize,
    },
    /// The queue stayed full until the deadline.
    #[error("get into the queue within {waited:?}")]
    Crowded {
        /// How long the caller waited.
        waited: Duration,
    },
    /// The database did not answer until the deadline.
    #[error("get an answer within {waited:?}")]
    Late {
        /// How long the caller waited.
        waited: Duration,
    },
    /// The store was closed, or its writer is gone.
    #[error("use a store that is closed")]
    Closed,
}

impl StoreError {
    /// What the caller can do about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Away { .. } | Self::Late { .. } | Self::Closed => ErrorKind::Unavailable,
            Self::Full { .. } | Self::Crowded { .. } => ErrorKind::Saturated,
            Self::Refused { .. } | Self::TooLarge { .. } => ErrorKind::Rejected,
            Self::Setup { .. } | Self::Newer { .. } => ErrorKind::Config,
        }
    }
}
