use std::io;
use std::path::PathBuf;
use std::time::Duration;

use events_core::{ErrorKind, SinkError};
use events_disk::OpenError;

/// Why the journal did not take events. The source of a sink's error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// No room: the disk, the quota, or down to the reserve.
    #[error("sink full: {}", path.display())]
    Full {
        /// The segment, or the directory where the reserve is reached.
        path: PathBuf,
        /// What was short.
        source: io::Error,
    },
    /// The file system refuses.
    #[error("{doing} {}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
    /// The directory is not there.
    #[error("find the journal's directory {}", dir.display())]
    Gone {
        /// Where it was.
        dir: PathBuf,
    },
    /// Another directory stands where the journal's was, and cannot be used.
    #[error("take over the directory that replaced the journal's")]
    Replaced(#[source] OpenError),
    /// The queue stayed full, or the disk kept still, until the deadline.
    #[error("get an answer within {waited:?}")]
    Late {
        /// How long the caller waited.
        waited: Duration,
    },
    /// The journal was closed, or its writer is gone.
    #[error("use a journal that is closed")]
    Closed,
}

impl AppendError {
    /// The sink's error with this behind it. It says what a caller may know, and no path.
    pub(crate) fn refusal(self, kind: ErrorKind) -> SinkError {
        let doing = match &self {
            Self::Full { .. } => "append to the journal, which has no room left",
            Self::Io { .. } => "append to the journal, whose disk refuses",
            Self::Gone { .. } | Self::Replaced(_) => {
                "append to the journal, whose directory is not there"
            }
            Self::Late { .. } => "append to the journal, whose disk does not answer",
            Self::Closed => "append to the journal, which is closed",
        };
        SinkError::caused(kind, doing, self)
    }

    /// Tells a lack of room from every other refusal.
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::Full { path, source }
            }
            _ => Self::Io {
                doing,
                path,
                source,
            },
        }
    }
}

/// What every refusal was doing.
pub(crate) const APPEND: &str = "append to the journal";
