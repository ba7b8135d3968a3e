//! Binary mode: attributes as headers, data as the body (CloudEvents HTTP binding section 3.1,
//! NATS binding section 3.1).

use std::collections::HashSet;
use std::fmt;

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
#[derive(Clone, Eq, PartialEq)]
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
    let mut seen = HashSet::new();
    let mut length = body.len();
    let mut attributes = 0;
    for (name, value) in headers {
        let Some(attribute) = attribute(binding, name) else {
            continue;
        };
        length = length.saturating_add(name.len() + value.len());
        if length > limits.event_bytes {
            return Err(DecodeError::TooLarge {
                limit: limits.event_bytes,
            });
        }
        attributes += usize::from(!name.eq_ignore_ascii_case(CONTENT_TYPE));
        // The media type stands in its own header as it is; all other values are encoded.
        let text = match binding {
            Binding::Http if attribute == MEDIA_TYPE => {
                std::str::from_utf8(value).ok().map(str::to_owned)
            }
            _ => percent::decode(value),
        };
        match text {
            Some(text) => event = set(event, &attribute, &text),
            None => event.violate(&attribute, Problem::MustBe("UTF-8 once percent-decoded")),
        }
        if seen.contains(&attribute) {
            event.violate(&attribute, Problem::MustNot("be sent twice"));
        }
        seen.insert(attribute);
    }
    if attributes == 0 {
        return Err(DecodeError::UnsupportedMedia);
    }
    if seen.contains(MISPLACED) {
        event.violate(
            MEDIA_TYPE,
            Problem::MustNot("be a ce- header: it is Content-Type"),
        );
    }
    if !seen.contains("specversion") {
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
    for (name, value) in event.optional_texts() {
        put(name, value);
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

/// The attribute that a header carries, if it carries one.
fn attribute(binding: Binding, header: &str) -> Option<String> {
    let header = header.to_ascii_lowercase();
    match (header.strip_prefix("ce-"), binding) {
        (Some(MEDIA_TYPE), Binding::Http) => Some(MISPLACED.to_owned()),
        (Some(attribute), _) => Some(attribute.to_owned()),
        (None, Binding::Http) if header == CONTENT_TYPE => Some(MEDIA_TYPE.to_owned()),
        (None, _) => None,
    }
}

fn set(mut event: EventBuilder, attribute: &str, value: &str) -> EventBuilder {
    match attribute {
        "specversion" if value == "1.0" => event,
        "specversion" => {
            event.violate(attribute, Problem::MustBe("\"1.0\""));
            event
        }
        "id" => event.id(value),
        "source" => event.source(value),
        "type" => event.kind(value),
        "dataschema" => event.data_schema(value),
        "subject" => event.subject(value),
        "time" => event.time(value),
        MEDIA_TYPE => event.data_content_type(value),
        MISPLACED => event,
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

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Message({} headers, {} bytes)",
            self.headers.len(),
            self.body.len()
        )
    }
}

const CONTENT_TYPE: &str = "content-type";
const MEDIA_TYPE: &str = "datacontenttype";

/// Stands for the media type in a header where it does not belong.
const MISPLACED: &str = "ce-datacontenttype";
