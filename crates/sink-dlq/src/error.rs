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
    SinkError::caused(kind, doing(spool), source)
}

/// What a caller may know of it, without a path.
fn doing(spool: &SpoolError) -> &'static str {
    match spool {
        SpoolError::Full { .. } => "deliver the event, or spill it: the spool has no room left",
        SpoolError::TooLarge { .. } => "deliver the event, or spill it: it is too long",
        SpoolError::Io { .. } => "deliver the event, or spill it: the spool's disk refuses",
        SpoolError::Late { .. } => {
            "deliver the event, or spill it: the spool's disk does not answer"
        }
        SpoolError::Closed => "deliver the event, or spill it: the spool is closed",
        SpoolError::Unknown { .. } => "deliver or spill the event",
    }
}
