use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a reading cannot go on. What was read before it is right, and not all there is.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The file system refuses.
    #[error("read {}", path.display())]
    Io {
        /// The directory or segment.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
    /// The thread that read is gone.
    #[error("read the journal: the reading thread is gone")]
    Stopped,
}

impl HistoryError {
    pub(super) fn io(path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        Self::Io { path, source }
    }
}
