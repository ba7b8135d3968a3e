use bytes::Bytes;
use events_core::WireEvent;

use crate::{Mode, Stored};

/// What a stored message is to an event of ours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kinship {
    /// The event itself: an earlier attempt arrived.
    Ours,
    /// Another event of the same identity: a host sent it again.
    SameIdentity,
    /// Something else.
    Other,
}

/// What `stored` is to `event`, which would be stored as `payload`.
///
/// It may be in the other mode, since settings change while events wait. Then, and in binary mode,
/// only the identity is compared: the number stands in headers that are not read.
pub(crate) fn kinship(event: &WireEvent, payload: &Bytes, stored: &Stored, mode: Mode) -> Kinship {
    if mode == Mode::Structured && stored.payload == payload {
        return Kinship::Ours;
    }
    if stored.message_id.as_deref() == Some(event.message_id().to_string().as_str()) {
        Kinship::SameIdentity
    } else {
        Kinship::Other
    }
}
