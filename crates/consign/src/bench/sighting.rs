use std::borrow::Cow;

use async_nats::{HeaderMap, Message};
use serde::Deserialize;

/// One of the run's events as it came back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Sighting {
    /// One of those that go ahead.
    WarmUp,
    /// The event of this number, and where it stands in its chain, if it is in one.
    Event(u64, Option<Place>),
}

/// An event's place in a chain of numbers: those of one route and tenant, in the order in which
/// they were sealed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Place {
    pub(super) producer: String,
    pub(super) number: u64,
}

/// The attributes that tell events apart.
#[derive(Debug, Deserialize)]
pub(super) struct Attributes<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) source: Cow<'a, str>,
    producerid: Option<String>,
    sequence: Option<String>,
}

impl<'a> Attributes<'a> {
    /// Those of an event in structured mode.
    pub(super) fn of_json(json: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// Those of a message, structured or binary (CloudEvents NATS binding, section 3).
    pub(super) fn of_message(message: &'a Message) -> Option<Self> {
        let found = |name| message.headers.as_ref().and_then(|all| header(all, name));
        match found("ce-specversion") {
            None => Self::of_json(&message.payload),
            Some(_) => Some(Self {
                id: found("ce-id")?.into(),
                source: found("ce-source")?.into(),
                producerid: found("ce-producerid").map(str::to_owned),
                sequence: found("ce-sequence").map(str::to_owned),
            }),
        }
    }

    pub(super) fn place(self) -> Option<Place> {
        let number = self.sequence?.parse().ok()?;
        let producer = self.producerid?;
        Some(Place { producer, number })
    }
}

/// A header by its name in lower case. Ours hold nothing that would be percent-encoded.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut all = headers.iter();
    let (_, values) = all.find(|(key, _)| AsRef::<str>::as_ref(*key).eq_ignore_ascii_case(name))?;
    values.first().map(async_nats::HeaderValue::as_str)
}
