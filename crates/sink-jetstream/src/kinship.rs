use bytes::Bytes;
use events_core::WireEvent;

use crate::Mode;

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
pub(crate) fn kinship(event: &WireEvent, payload: &Bytes, stored: &Bytes, mode: Mode) -> Kinship {
    match mode {
        Mode::Structured if stored == payload => Kinship::Ours,
        Mode::Structured => match WireEvent::from_bytes(stored.clone()) {
            Ok(found) if found.message_id() == event.message_id() => Kinship::SameIdentity,
            Ok(_) | Err(_) => Kinship::Other,
        },
        // The attributes, and with them identity and number, stand in headers that are not read.
        Mode::Binary => Kinship::SameIdentity,
    }
}
