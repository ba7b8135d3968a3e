use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{Area, RecordId};

/// Why a spool cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another spool has the directory.
    #[error("lock the spool {}, held by {}", dir.display(), holder(*pid))]
    Held {
        /// The directory.
        dir: PathBuf,
        /// The process that has it, where that can be told.
        pid: Option<u32>,
    },
    /// A later release wrote it. Nothing was changed.
    #[error("read {}, of format {version}, which is newer than this program", path.display())]
    Newer {
        /// The file that says so.
        path: PathBuf,
        /// What it says.
        version: u32,
    },
    /// What stands at the path cannot be trusted with events.
    #[error("trust {}: it {reason}", path.display())]
    Unsafe {
        /// The directory or file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
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
}

/// Why the spool did not do what it was asked for.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpoolError {
    /// No room: the area's bound, the reserve, the disk or the quota is reached.
    #[error("find room in the {area} area")]
    Full {
        /// The area.
        area: Area,
        /// What was short.
        source: Arc<io::Error>,
    },
    /// A record longer than allowed.
    #[error("take a record of {bytes} bytes, which is more than {limit}")]
    TooLarge {
        /// Its bytes.
        bytes: usize,
        /// The most there may be.
        limit: usize,
    },
    /// There is no such record, or there is no more.
    #[error("find record {id}")]
    Unknown {
        /// The record asked for.
        id: RecordId,
    },
    /// The file system refuses.
    #[error("{doing} {}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// The refusal.
        source: Arc<io::Error>,
    },
    /// The queue stayed full, or the disk kept still, until the deadline.
    #[error("get an answer within {waited:?}")]
    Late {
        /// How long the caller waited.
        waited: Duration,
    },
    /// The spool was closed, or its writer is gone.
    #[error("use a spool that is closed")]
    Closed,
}

impl OpenError {
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        Self::Io {
            doing,
            path,
            source,
        }
    }
}

impl SpoolError {
    /// Tells a lack of room from every other refusal.
    pub(crate) fn io(
        area: Area,
        doing: &'static str,
        path: impl Into<PathBuf>,
        source: io::Error,
    ) -> Self {
        let source = Arc::new(source);
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::Full { area, source }
            }
            _ => Self::Io {
                doing,
                path: path.into(),
                source,
            },
        }
    }

    pub(crate) fn full(area: Area, short: String) -> Self {
        let source = Arc::new(io::Error::new(io::ErrorKind::StorageFull, short));
        Self::Full { area, source }
    }
}

/// An error and its causes on one line, for a log and for the status.
pub(crate) fn in_words(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(
        || "another process".to_owned(),
        |pid| format!("process {pid}"),
    )
}
