use std::time::Duration;

use thiserror::Error;

use crate::{StreamName, StreamsError};

/// Why a reading cannot go on. What was read before it is right, and not all there is.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// There is no such stream.
    #[error("find the stream {stream}")]
    Missing {
        /// The stream.
        stream: StreamName,
    },
    /// The server did not go on delivering.
    #[error("read {stream} from {sequence} on: nothing came for {waited:?}")]
    Late {
        /// The stream.
        stream: StreamName,
        /// The sequence of the first message that may be missing.
        sequence: u64,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The server was asked and would not.
    #[error("read {stream}")]
    Request {
        /// The stream.
        stream: StreamName,
        /// Why not.
        source: StreamsError,
    },
    /// A position of a stream that is not among those read.
    #[error("go on from a position in {stream}, which is not read")]
    Elsewhere {
        /// The stream.
        stream: StreamName,
    },
}

impl HistoryError {
    /// What the operator can do about it, as a sentence without a full stop.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "consign stream ls, for those there are",
            Self::Late { .. } => {
                "is the server overloaded, has its cluster a leader? Go on from that sequence"
            }
            Self::Request { source, .. } => source.advice(),
            Self::Elsewhere { .. } => "name a position of one of the streams that are read",
        }
    }

    /// Whether the same may succeed a little later, with nobody's help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Late { .. } => true,
            Self::Request { source, .. } => source.is_transient(),
            Self::Missing { .. } | Self::Elsewhere { .. } => false,
        }
    }
}
