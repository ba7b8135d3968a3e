//! The forms events come in, told by their first character.

use bytes::Bytes;
use events_core::Event;
use events_core::codec::binary::{self, Binding};
use events_core::codec::{DecodeError, Limits, batch, structured};

/// Events read from one input, each on its own. NDJSON and batches hold many; `told` hears of every
/// line of NDJSON.
pub(super) fn read(input: &[u8], told: &mut dyn FnMut()) -> Vec<Result<Event, DecodeError>> {
    match input.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'[') => {
            batch::decode(input, Limits::UNLIMITED).unwrap_or_else(|error| vec![Err(error)])
        }
        Some(b'{') => read_objects(input, told),
        _ => vec![read_message(input)],
    }
}

/// One object over any number of lines, else one object a line.
fn read_objects(input: &[u8], told: &mut dyn FnMut()) -> Vec<Result<Event, DecodeError>> {
    let whole = structured::decode(input, Limits::UNLIMITED);
    let lines: Vec<&[u8]> = input
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty())
        .collect();
    let several = lines.len() > 1 && lines.iter().all(|line| line.trim_ascii().starts_with(b"{"));
    if whole.is_ok() || !several {
        return vec![whole];
    }
    lines
        .into_iter()
        .map(|line| {
            told();
            structured::decode(line, Limits::UNLIMITED)
        })
        .collect()
}

/// An HTTP message: header lines, an empty line, the body.
fn read_message(input: &[u8]) -> Result<Event, DecodeError> {
    let mut headers = Vec::new();
    let mut rest = input;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, tail) = rest.split_at(end);
        rest = tail.get(1..).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let (name, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        if let Ok(name) = std::str::from_utf8(name) {
            headers.push((name.trim(), value));
        }
    }
    let nats = headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("ce-datacontenttype"));
    let binding = if nats { Binding::Nats } else { Binding::Http };
    binary::decode(
        binding,
        headers,
        &Bytes::copy_from_slice(rest),
        Limits::UNLIMITED,
    )
}
