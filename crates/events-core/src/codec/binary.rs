//! Binary mode: attributes as headers, data as the body (CloudEvents HTTP binding section 3.1,
//! NATS binding section 3.1).

use bytes::Bytes;

use super::{DecodeError, Limits, percent};
use crate::event::EventBuilder;
use crate::json::JsonText;
use crate::{Data, Event, Problem};

/// The protocol whose headers carry an event; they differ in where the media type stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Binding {
    /// The media type is the header `Content-Type`.
    Http,
    /// The media type is the header `ce-datacontenttype`.
    Nats,
}

/// An event in binary mode.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Message {
    /// Header names, lower case, and values, in printable ASCII.
    pub headers: Vec<(String, String)>,
    /// The data.
    pub body: Bytes,
}

/// Reads one event from its headers, whose names may come in any case, and its body.
///
/// # Errors
/// [`DecodeError::TooLarge`] past the limit, [`DecodeError::UnsupportedMedia`] without any `ce-`
/// header, else [`DecodeError::Invalid`] with every violation.
pub fn decode<'a>(
    binding: Binding,
    headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    body: &Bytes,
    limits: Limits,
) -> Result<Event, DecodeError> {
    DecodeError::check_size(body, limits)?;
    let mut event = EventBuilder::empty();
    let mut seen: Vec<String> = Vec::new();
    let mut length = body.len();
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        let attribute = match (name.strip_prefix("ce-"), binding) {
            (Some(attribute), _) => attribute,
            (None, Binding::Http) if name == "content-type" => "content-type",
            _ => continue,
        };
        length += name.len() + value.len();
        if seen.iter().any(|before| before == attribute) {
            event.violate(attribute, Problem::MustNot("be sent twice"));
            continue;
        }
        seen.push(attribute.to_owned());
        event = match percent::decode(value) {
            Some(text) => set(event, binding, attribute, &text),
            None => {
                event.violate(attribute, Problem::MustBe("UTF-8 once percent-decoded"));
                event
            }
        };
    }
    if seen.iter().all(|name| name == "content-type") {
        return Err(DecodeError::UnsupportedMedia);
    }
    if length > limits.event_bytes {
        return Err(DecodeError::TooLarge {
            limit: limits.event_bytes,
        });
    }
    if !seen.iter().any(|name| name == "specversion") {
        event.violate("specversion", Problem::Missing);
    }
    Ok(with_body(event, body).build()?)
}

/// Writes one event as it stands, without preparing or sealing it.
#[must_use]
pub fn encode(binding: Binding, event: &Event) -> Message {
    let mut headers = vec![("ce-specversion".to_owned(), "1.0".to_owned())];
    let mut put = |name: &str, value: &str| {
        headers.push((format!("ce-{name}"), percent::encode(value)));
    };
    put("id", event.id().as_str());
    put("source", event.source().as_str());
    put("type", event.kind().as_str());
    let optional = [
        (
            "dataschema",
            event.data_schema().map(|value| value.as_str()),
        ),
        ("subject", event.subject().map(|value| value.as_str())),
        ("time", event.time().map(|value| value.as_str())),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            put(name, value);
        }
    }
    for (name, value) in event.extensions() {
        put(name.as_str(), &value.to_canonical());
    }
    let implied = matches!(event.data(), Some(Data::Json(_))).then_some("application/json");
    if let Some(media_type) = event
        .data_content_type()
        .map(|value| value.as_str())
        .or(implied)
    {
        match binding {
            Binding::Http => headers.push(("content-type".to_owned(), media_type.to_owned())),
            Binding::Nats => put("datacontenttype", media_type),
        }
    }
    let body = event
        .data()
        .map_or_else(Bytes::new, |data| Bytes::copy_from_slice(data.as_bytes()));
    Message { headers, body }
}

fn set(mut event: EventBuilder, binding: Binding, attribute: &str, value: &str) -> EventBuilder {
    match (attribute, binding) {
        ("specversion", _) if value == "1.0" => event,
        ("specversion", _) => {
            event.violate(attribute, Problem::MustBe("\"1.0\""));
            event
        }
        ("id", _) => event.id(value),
        ("source", _) => event.source(value),
        ("type", _) => event.kind(value),
        ("dataschema", _) => event.data_schema(value),
        ("subject", _) => event.subject(value),
        ("time", _) => event.time(value),
        ("content-type", Binding::Http) | ("datacontenttype", Binding::Nats) => {
            event.data_content_type(value)
        }
        ("datacontenttype", Binding::Http) => {
            event.violate(
                attribute,
                Problem::MustNot("be a ce- header: it is Content-Type"),
            );
            event
        }
        _ => event.extension(attribute, value),
    }
}

/// The body in the form its media type declares. An empty body is no data, since HTTP cannot
/// tell the two apart; a body declared JSON must be acceptable JSON.
fn with_body(mut event: EventBuilder, body: &Bytes) -> EventBuilder {
    if body.is_empty() {
        return event;
    }
    let declared = event.declared_media_type();
    if declared.is_some_and(|media_type| media_type.is_json()) {
        return match JsonText::from_bytes(body) {
            Ok(text) => event.data(Data::Json(text)),
            Err(error) => {
                event.violate("data", Problem::Json(error));
                event
            }
        };
    }
    let text = declared.is_some_and(|media_type| media_type.is_text());
    match std::str::from_utf8(body) {
        Ok(value) if text => event.text(value),
        _ => event.binary(body.clone()),
    }
}
