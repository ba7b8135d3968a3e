use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::json::encode_string;
use crate::{Data, Event, Extension};

/// The event in the CloudEvents JSON format, on one line: attributes first, data last and
/// verbatim. Extensions stand in the order of their names.
pub(crate) fn structured(event: &Event) -> String {
    let data_length = event.data().map_or(0, |data| data.as_bytes().len());
    let mut out = String::with_capacity(data_length * 4 / 3 + ATTRIBUTES_LENGTH);
    out.push_str(r#"{"specversion":"1.0""#);
    member(&mut out, "id", event.id().as_str());
    member(&mut out, "source", event.source().as_str());
    member(&mut out, "type", event.kind().as_str());
    let optional = [
        (
            "datacontenttype",
            event.data_content_type().map(|value| value.as_str()),
        ),
        (
            "dataschema",
            event.data_schema().map(|value| value.as_str()),
        ),
        ("subject", event.subject().map(|value| value.as_str())),
        ("time", event.time().map(|value| value.as_str())),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            member(&mut out, name, value);
        }
    }
    for (name, value) in event.extensions() {
        match value {
            Extension::String(text) => member(&mut out, name.as_str(), text),
            Extension::Boolean(_) | Extension::Integer(_) => {
                key(&mut out, name.as_str());
                out.push_str(&value.to_canonical());
            }
        }
    }
    match event.data() {
        None => {}
        Some(Data::Json(text)) => {
            key(&mut out, "data");
            out.push_str(text.as_str());
        }
        Some(Data::Text(text)) => member(&mut out, "data", text),
        Some(Data::Binary(bytes)) => {
            key(&mut out, "data_base64");
            out.push('"');
            STANDARD.encode_string(bytes, &mut out);
            out.push('"');
        }
    }
    out.push('}');
    out
}

fn member(out: &mut String, name: &str, value: &str) {
    key(out, name);
    encode_string(value, out);
}

fn key(out: &mut String, name: &str) {
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":");
}

/// Room for a signed event's attributes, so that most events are encoded in one allocation.
const ATTRIBUTES_LENGTH: usize = 1536;
