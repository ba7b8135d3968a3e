use std::fmt;

use async_nats::{HeaderMap, HeaderName};
use bytes::Bytes;
use events_core::WireEvent;
use events_core::codec::binary::{self, Binding};
use events_core::codec::{Limits, structured};

/// What a message holds.
#[derive(Clone)]
pub enum Body {
    /// An event: the payload as it is, or what headers and payload mean in binary mode.
    Event(WireEvent),
    /// Something that is no event of ours, byte for byte.
    Other(Bytes),
}

impl Body {
    /// Reads a message (CloudEvents NATS binding, section 3). One without headers that say
    /// otherwise is in structured mode.
    #[must_use]
    pub fn of_message(payload: Bytes, headers: Option<&HeaderMap>) -> Self {
        let event = match headers.filter(|headers| is_binary(headers)) {
            Some(headers) => binary(&payload, headers),
            None => WireEvent::from_bytes(payload.clone()).ok(),
        };
        event.map_or(Self::Other(payload), Self::Event)
    }

    /// The bytes of the event, else of the payload.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        match self {
            Self::Event(event) => event.bytes(),
            Self::Other(bytes) => bytes,
        }
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

/// Whether an event's attributes stand in the headers. Names come in any case.
fn is_binary(headers: &HeaderMap) -> bool {
    // The usual case first, as ours are written.
    let is_structured = |value: &str| {
        let media_type = value.get(..STRUCTURED.len());
        media_type.is_some_and(|start| start.eq_ignore_ascii_case(STRUCTURED))
    };
    if let Some(value) = headers.get(CONTENT_TYPE) {
        return !is_structured(value.as_str()) && has(headers, SPEC_VERSION);
    }
    let mut others = headers.iter().filter(|(name, _)| is(name, CONTENT_TYPE));
    !others.any(|(_, values)| values.iter().any(|value| is_structured(value.as_str())))
        && has(headers, SPEC_VERSION)
}

fn has(headers: &HeaderMap, wanted: &str) -> bool {
    headers.iter().any(|(name, _)| is(name, wanted))
}

fn is(name: &HeaderName, wanted: &str) -> bool {
    AsRef::<str>::as_ref(name).eq_ignore_ascii_case(wanted)
}

fn binary(payload: &Bytes, headers: &HeaderMap) -> Option<WireEvent> {
    let pairs = headers.iter().flat_map(|(name, values)| {
        let name: &str = name.as_ref();
        values
            .iter()
            .map(move |value| (name, value.as_str().as_bytes()))
    });
    let event = binary::decode(Binding::Nats, pairs, payload, Limits::UNLIMITED).ok()?;
    WireEvent::from_bytes(structured::encode(&event).into()).ok()
}

const CONTENT_TYPE: &str = "Content-Type";
const SPEC_VERSION: &str = "ce-specversion";
const STRUCTURED: &str = "application/cloudevents";

#[cfg(test)]
mod tests {
    use async_nats::HeaderMap;
    use bytes::Bytes;

    use super::Body;

    fn read(payload: &'static str, headers: &[(&str, &str)]) -> Body {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, *value);
        }
        Body::of_message(Bytes::from_static(payload.as_bytes()), Some(&map))
    }

    const ATTRIBUTES: [(&str, &str); 5] = [
        ("CE-SpecVersion", "1.0"),
        ("ce-id", "1"),
        ("ce-source", "/s"),
        ("Ce-Type", "a.b"),
        ("ce-subject", "%E2%82%AC"),
    ];
    const EVENT: &str = r#"{"specversion":"1.0","id":"2","source":"/s","type":"c.d"}"#;

    #[test]
    fn headers_in_any_case_make_an_event_in_binary_mode() {
        let Body::Event(event) = read("text", &ATTRIBUTES) else {
            panic!("no event");
        };
        assert_eq!(event.attributes().kind().as_str(), "a.b");
        let subject = event.attributes().subject().unwrap();
        assert_eq!(subject.as_str(), "€");
    }

    #[test]
    fn the_media_type_says_that_the_payload_is_the_event() {
        for name in ["Content-Type", "content-type"] {
            let mode = [(name, "Application/CloudEvents+json; charset=UTF-8")];
            let Body::Event(event) = read(EVENT, &[&ATTRIBUTES[..], &mode].concat()) else {
                panic!("no event");
            };
            assert_eq!(event.attributes().kind().as_str(), "c.d");
        }
        assert!(matches!(read(EVENT, &[]), Body::Event(_)));
        assert!(matches!(read("{}", &[]), Body::Other(_)));
    }

    #[test]
    fn half_an_event_in_headers_is_none() {
        assert!(matches!(read(EVENT, &ATTRIBUTES[..3]), Body::Other(_)));
    }
}
