use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use events_core::subject::Routes;
use events_core::{Filter, WireEvent};

use super::Position;

/// What a reading comes upon.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A record that the filter wants.
    Item(Item),
    /// A place where records were, or may have been, that are no longer there.
    Gap(Gap),
}

/// A record.
#[derive(Clone)]
pub struct Item {
    /// Where it is stored.
    pub position: Position,
    /// The subject the event's type leads to; none for what is no event, or has none.
    pub subject: Option<Box<str>>,
    /// The event's own time, which sealing gives to those without: a journal notes no time of
    /// storing. For what is no event, when its segment was last written to.
    pub stored_at: DateTime<Utc>,
    /// What it holds.
    pub body: Body,
}

/// What a record holds.
#[derive(Clone)]
pub enum Body {
    /// A sealed event.
    Event(WireEvent),
    /// Something that is no event of ours, byte for byte.
    Other(Bytes),
}

/// Records that are gone, or a line longer than any record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Gap {
    /// Where the first that is gone was.
    pub from: Position,
    /// Where reading goes on.
    pub to: Position,
}

impl Item {
    /// Reads the record; `None` where the filter does not want it.
    pub(super) fn wanted(
        position: Position,
        line: Bytes,
        written: DateTime<Utc>,
        filter: &Filter,
        routes: &Routes,
    ) -> Option<Self> {
        let body = WireEvent::from_bytes(line.clone()).map_or(Body::Other(line), Body::Event);
        let mut item = Self {
            position,
            subject: None,
            stored_at: written,
            body,
        };
        if let Body::Event(event) = &item.body {
            let attributes = event.attributes();
            let routed = routes.resolve(attributes).ok();
            item.subject = routed.map(|(_, subject)| subject.as_str().into());
            let time = attributes.time().map(events_core::time::Timestamp::instant);
            item.stored_at = time.unwrap_or(written);
        }
        let wanted = filter.wants(item.event(), item.subject.as_deref(), item.stored_at);
        wanted.then_some(item)
    }

    /// The event, where it is one.
    #[must_use]
    pub fn event(&self) -> Option<&WireEvent> {
        match &self.body {
            Body::Event(event) => Some(event),
            Body::Other(_) => None,
        }
    }
}

impl Body {
    /// The bytes as they are stored.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        match self {
            Self::Event(event) => event.bytes(),
            Self::Other(bytes) => bytes,
        }
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Item({}, {:?})", self.position, self.body)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(event) => event.fmt(f),
            Self::Other(bytes) => write!(f, "Other({} bytes)", bytes.len()),
        }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.from, self.to)
    }
}
