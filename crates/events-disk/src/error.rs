use std::io;
use std::path::PathBuf;

/// Why a directory of ours, or a log in it, cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Somebody has the directory: another process, or another handle in this one.
    #[error("lock {}, held by {}", dir.display(), holder(*pid))]
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

impl OpenError {
    /// The file system's refusal of what was being done to `path`.
    pub fn io(doing: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        Self::Io {
            doing,
            path,
            source,
        }
    }
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(
        || "another process".to_owned(),
        |pid| format!("process {pid}"),
    )
}
