use async_nats::HeaderMap;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use events_core::WireEvent;
use events_core::time::Timestamp;

use super::Place;

/// What a reading comes upon.
#[derive(Debug)]
pub(crate) enum Entry {
    Item(Item),
    /// An event that waits on disk, and comes once more when it is stored.
    Spilled(Item),
    /// A place where something is gone, in words.
    Gap(String),
    /// What a supervisor says besides, in its words.
    Notice(String),
}

/// Something that is kept.
#[derive(Debug)]
pub(crate) struct Item {
    /// Where, unless that is not told.
    pub(crate) place: Option<Place>,
    /// The subject it is stored under, unless that is not told.
    pub(crate) subject: Option<Box<str>>,
    /// When it was stored or, where nobody noted that, when it happened.
    pub(crate) stored_at: Option<DateTime<Utc>>,
    pub(crate) body: Body,
}

/// What an item holds.
#[derive(Debug)]
pub(crate) enum Body {
    Event(Sealed),
    /// Something that is no event of ours, byte for byte.
    Other(Bytes),
}

/// An event, and the message that carries it where the two are not the same.
#[derive(Debug)]
pub(crate) struct Sealed {
    pub(crate) event: WireEvent,
    /// Headers and payload as a broker stores them.
    pub(crate) message: Option<(HeaderMap, Bytes)>,
}

impl Item {
    pub(crate) fn event(&self) -> Option<&WireEvent> {
        match &self.body {
            Body::Event(sealed) => Some(&sealed.event),
            Body::Other(_) => None,
        }
    }

    /// The event's bytes, else the payload's.
    pub(crate) fn bytes(&self) -> &[u8] {
        match &self.body {
            Body::Event(sealed) => sealed.event.bytes(),
            Body::Other(bytes) => bytes,
        }
    }

    /// When it was stored, else when it happened.
    pub(crate) fn time(&self) -> Option<DateTime<Utc>> {
        self.stored_at
            .or_else(|| self.event().and_then(happened_at))
    }
}

impl From<WireEvent> for Body {
    fn from(event: WireEvent) -> Self {
        let message = None;
        Self::Event(Sealed { event, message })
    }
}

/// When an event says that it happened.
pub(super) fn happened_at(event: &WireEvent) -> Option<DateTime<Utc>> {
    event.attributes().time().map(Timestamp::instant)
}
