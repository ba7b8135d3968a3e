use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::json::{Text, encode_string};
use crate::{Data, Event, Extension};

/// The event in the CloudEvents JSON format, on one line: attributes first, data last and
/// verbatim. Extensions stand in the order of their names.
pub(crate) fn structured(event: &Event) -> String {
    // Written twice, once to learn the length: one allocation without any room to spare.
    let mut length = 0;
    write(event, &mut length);
    let mut out = String::with_capacity(length);
    write(event, &mut out);
    out
}

fn write(event: &Event, out: &mut impl Text) {
    out.push_str(r#"{"specversion":"1.0""#);
    member(out, "id", event.id().as_str());
    member(out, "source", event.source().as_str());
    member(out, "type", event.kind().as_str());
    if let Some(media_type) = event.data_content_type() {
        member(out, "datacontenttype", media_type.as_str());
    }
    for (name, value) in event.optional_texts() {
        member(out, name, value);
    }
    for (name, value) in event.extensions() {
        match value {
            Extension::String(text) => member(out, name.as_str(), text),
            Extension::Boolean(_) | Extension::Integer(_) => {
                key(out, name.as_str());
                out.push_str(&value.to_canonical());
            }
        }
    }
    match event.data() {
        None => {}
        Some(Data::Json(text)) => {
            key(out, "data");
            out.push_str(text.as_str());
        }
        Some(Data::Text(text)) => member(out, "data", text),
        Some(Data::Binary(bytes)) => {
            key(out, "data_base64");
            out.push_str("\"");
            out.push_str(&STANDARD.encode(bytes));
            out.push_str("\"");
        }
    }
    out.push_str("}");
}

fn member(out: &mut impl Text, name: &str, value: &str) {
    key(out, name);
    encode_string(value, out);
}

fn key(out: &mut impl Text, name: &str) {
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":");
}
