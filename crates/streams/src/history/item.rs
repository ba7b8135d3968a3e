use std::fmt;

use async_nats::HeaderMap;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use events_core::WireEvent;

use super::{Body, Position};
use crate::StreamName;

/// What a reading comes upon.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A message that the filter wants.
    Item(Item),
    /// A place where messages were, or may have been, that are no longer there.
    Gap(Gap),
}

/// A stored message.
#[derive(Clone)]
pub struct Item {
    /// Where it is stored.
    pub position: Position,
    /// The subject it was published to.
    pub subject: Box<str>,
    /// When the server stored it, by the server's clock.
    pub stored_at: DateTime<Utc>,
    /// Its headers, as they are stored.
    pub headers: Option<HeaderMap>,
    /// Its payload, byte for byte.
    pub payload: Bytes,
    /// What it holds.
    pub body: Body,
}

/// Messages that are gone: deleted, purged or expired before they were read.
///
/// Where a filter names a subject, whether any of them had it cannot be told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Gap {
    /// The stream.
    pub stream: StreamName,
    /// The sequence of the first that is gone.
    pub from: u64,
    /// The sequence of the last that is gone.
    pub to: u64,
}

impl Item {
    /// The event, where it is one.
    #[must_use]
    pub fn event(&self) -> Option<&WireEvent> {
        match &self.body {
            Body::Event(event) => Some(event),
            Body::Other(_) => None,
        }
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Item({}, {:?})", self.position, self.body)
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}-{}", self.stream, self.from, self.to)
    }
}
