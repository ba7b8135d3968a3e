use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{Area, RecordId};

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
