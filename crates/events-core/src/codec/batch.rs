//! Batched mode: events as a JSON array (CloudEvents JSON format, section 4).

use super::{DecodeError, Limits, structured};
use crate::json::{JsonError, JsonProblem};
use crate::{Event, Problem, Violations};

/// Reads a batch. Each event is judged alone: a bad one harms no other.
///
/// # Errors
/// [`DecodeError::Invalid`] where the whole is no JSON array, [`DecodeError::TooMany`] past the
/// limit. Errors of a single event stand in its place.
pub fn decode(
    bytes: &[u8],
    limits: Limits,
) -> Result<Vec<Result<Event, DecodeError>>, DecodeError> {
    let malformed = |error| Violations::one("event", Problem::Json(error));
    let limit = limits.batch_events;
    let elements = split_array(bytes, limit).map_err(malformed)?;
    if elements.len() > limit {
        return Err(DecodeError::TooMany { limit });
    }
    let events = elements
        .into_iter()
        .map(|element| structured::decode(element, limits));
    Ok(events.collect())
}

/// Writes a batch on one line, the events as they stand.
#[must_use]
pub fn encode(events: &[Event]) -> String {
    let events: Vec<String> = events.iter().map(structured::encode).collect();
    format!("[{}]", events.join(","))
}

/// The bytes of an array's elements, up to one more than `limit`. Only the structure outside the
/// elements is judged; what is wrong inside one, invalid UTF-8 too, is for its own decoder to say.
fn split_array(bytes: &[u8], limit: usize) -> Result<Vec<&[u8]>, JsonError> {
    let start = white_space(bytes);
    let fault = |problem, at| Err(JsonError::new(problem, at));
    match bytes.get(start) {
        Some(b'[') => {}
        None => return fault(JsonProblem::Truncated, start),
        Some(_) => return fault(JsonProblem::Unexpected, start),
    }
    let mut elements = Vec::new();
    let mut from = start + 1;
    let mut scan = Scan::default();
    for (at, byte) in bytes.iter().enumerate().skip(from) {
        let step = scan.step(*byte);
        if matches!(step, Step::Inside) {
            continue;
        }
        let element = bytes.get(from..at).unwrap_or_default().trim_ascii();
        let ends = matches!(step, Step::End);
        let empty_array = ends && elements.is_empty();
        match element {
            [] if !empty_array => return fault(JsonProblem::Unexpected, at),
            [] => {}
            element => elements.push(element),
        }
        from = at + 1;
        if ends {
            let rest = bytes.get(from..).unwrap_or_default();
            let after = white_space(rest);
            return if after == rest.len() {
                Ok(elements)
            } else {
                fault(JsonProblem::Trailing, from + after)
            };
        }
        if elements.len() > limit {
            return Ok(elements);
        }
    }
    fault(JsonProblem::Truncated, bytes.len())
}

/// Follows strings and brackets just enough to know what lies at the array's own level.
#[derive(Default)]
struct Scan {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

enum Step {
    Inside,
    Separator,
    End,
}

impl Scan {
    fn step(&mut self, byte: u8) -> Step {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return Step::Inside;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b']' if self.depth == 0 => return Step::End,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            b',' if self.depth == 0 => return Step::Separator,
            _ => {}
        }
        Step::Inside
    }
}

/// How much white space stands at the start of `bytes`.
fn white_space(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
        .count()
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};
    use crate::codec::{DecodeError, Limits};

    const GOOD: &str = r#"{"specversion":"1.0","id":"1","source":"/s","type":"t","data":[",]}"]}"#;

    #[test]
    fn a_bad_event_harms_no_other() {
        let text = format!(" [{GOOD}, {{\"id\":1}} ,{{\"a\":1,\"a\":2}},\n[1}},{GOOD}] ");
        let events = decode(text.as_bytes(), Limits::default()).unwrap();
        let good: Vec<bool> = events.iter().map(Result::is_ok).collect();
        assert_eq!(good, [true, false, false, false, true]);
    }

    #[test]
    fn invalid_utf_8_in_one_event_harms_no_other() {
        let text = [
            b"[",
            GOOD.as_bytes(),
            b",{\"id\":\"\xff\"},",
            GOOD.as_bytes(),
            b"]",
        ]
        .concat();
        let events = decode(&text, Limits::default()).unwrap();
        let good: Vec<bool> = events.iter().map(Result::is_ok).collect();
        assert_eq!(good, [true, false, true]);
    }

    #[test]
    fn an_empty_batch_is_a_batch() {
        assert!(decode(b"[ ]", Limits::default()).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_array_is_refused_whole() {
        for text in ["", "{}", "[", "[1,]", "[,1]", "[] x", "[\"]"] {
            let error = decode(text.as_bytes(), Limits::default()).unwrap_err();
            assert!(matches!(error, DecodeError::Invalid(_)), "{text}");
        }
    }

    #[test]
    fn too_many_events_are_refused_whole() {
        let limits = Limits {
            batch_events: 2,
            ..Limits::default()
        };
        let error = decode(b"[1,2,3]", limits).unwrap_err();
        assert!(matches!(error, DecodeError::TooMany { limit: 2 }));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let events: Vec<_> = decode(format!("[{GOOD},{GOOD}]").as_bytes(), Limits::default())
            .unwrap()
            .into_iter()
            .map(Result::unwrap)
            .collect();
        let again = decode(encode(&events).as_bytes(), Limits::default()).unwrap();
        assert_eq!(
            again.into_iter().map(Result::unwrap).collect::<Vec<_>>(),
            events
        );
    }
}
