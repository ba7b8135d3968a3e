use events_core::{ErrorKind, SinkError, chained};

use crate::SpoolError;

/// Neither the destination nor the spool took the event. The destination's error, where it was
/// asked, stands behind [`source`](std::error::Error::source).
#[derive(Debug, thiserror::Error)]
#[error("the spool did not take it either: {spool}")]
pub struct NotSpilled {
    /// Why the spool did not, with its causes.
    spool: String,
    source: Option<SinkError>,
}

/// What the caller gets: the original error's kind, with both failures behind it. What is too long
/// for the spool always will be.
pub(crate) fn not_spilled(original: Option<SinkError>, spool: &SpoolError) -> SinkError {
    let kind = match (spool, &original) {
        (SpoolError::TooLarge { .. }, _) => ErrorKind::Rejected,
        (_, Some(error)) => error.kind(),
        (_, None) => ErrorKind::Unavailable,
    };
    let source = NotSpilled {
        spool: chained(spool),
        source: original,
    };
    SinkError::caused(kind, "deliver or spill the event", source)
}
