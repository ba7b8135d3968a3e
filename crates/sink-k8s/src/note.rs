//! What an Event says to people.

use std::borrow::Cow;

use events_core::{Data, EventSubject, WireEvent};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::words::cut;

/// The event's subject and detail, at most a kilobyte; its type where it has no detail.
///
/// The detail is the only thing that is taken from the data: the text in `detail`, else in `error`,
/// else in `reason`, and the number in `restart_count`. It was redacted before, like all data.
pub(crate) fn of(event: &WireEvent) -> String {
    let attributes = event.attributes();
    let detail = detail(event).unwrap_or_else(|| attributes.kind().as_str().to_owned());
    let subject = attributes.subject().map(EventSubject::as_str);
    let note = match subject {
        Some(subject) => format!("{subject}: {detail}"),
        None => detail,
    };
    cut(&note, LONGEST).to_owned()
}

fn detail(event: &WireEvent) -> Option<String> {
    let event = event.to_event().ok()?;
    let Some(Data::Json(text)) = event.data() else {
        return None;
    };
    let text = text.as_str();
    // A parser of structs would take an array for one.
    let body: Body<'_> = serde_json::from_str(text)
        .ok()
        .filter(|_| text.starts_with('{'))?;
    let texts = [body.detail, body.error, body.reason];
    let told = texts.into_iter().flatten().find_map(word)?;
    let restarts = body
        .restart_count
        .and_then(|number| number.get().parse::<u64>().ok());
    Some(match restarts {
        // The number first: it is not what a cut may take away.
        Some(number) => format!("restart count {number}: {told}"),
        None => told.into_owned(),
    })
}

/// The text, where the value is one that says something.
fn word(value: &RawValue) -> Option<Cow<'_, str>> {
    let text: String = serde_json::from_str(value.get()).ok()?;
    (!text.is_empty()).then_some(Cow::Owned(text))
}

/// Values stay as they stand, so that one of another form harms nothing else.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow, default)]
    detail: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    reason: Option<&'a RawValue>,
    #[serde(borrow, default)]
    restart_count: Option<&'a RawValue>,
    #[serde(flatten)]
    _rest: IgnoredAny,
}

/// The API's bound, in bytes.
const LONGEST: usize = 1024;

#[cfg(test)]
mod tests {
    use events_core::{Event, EventBuilder, EventSinkExt as _, NoopSink};

    fn note(with: impl FnOnce(EventBuilder) -> EventBuilder) -> String {
        let event = with(Event::builder("1", "/a", "tool.crashed"))
            .build()
            .unwrap();
        super::of(&NoopSink.seal(vec![event]).remove(0).unwrap())
    }

    #[test]
    fn the_detail_and_nothing_else_of_the_data() {
        let record = r#"{"attrs":{"key":"hidden"},"detail":"refused by \"peer\""}"#;
        assert_eq!(note(|event| event.json(record)), "refused by \"peer\"");
        let crash = r#"{"tool":"hidden","error":"out of memory","restart_count":3}"#;
        let told = note(|event| event.subject("search").json(crash));
        assert_eq!(told, "search: restart count 3: out of memory");
        let odd = r#"{"detail":{"hidden":1},"error":7,"reason":"as asked","restart_count":"x"}"#;
        assert_eq!(note(|event| event.json(odd)), "as asked");
    }

    #[test]
    fn without_a_detail_it_says_the_type() {
        for data in [
            "[\"hidden\"]",
            "\"hidden\"",
            "{}",
            r#"{"detail":null}"#,
            r#"{"detail":""}"#,
        ] {
            assert_eq!(note(|event| event.json(data)), "tool.crashed", "{data}");
        }
        assert_eq!(
            note(|event| event.data_content_type("text/plain").text("hidden")),
            "tool.crashed"
        );
        assert_eq!(note(|event| event), "tool.crashed");
    }

    #[test]
    fn a_long_one_is_cut_at_a_character() {
        let long = format!("{{\"detail\":\"{}\"}}", "é".repeat(4000));
        assert_eq!(note(|event| event.json(&long)), "é".repeat(512));
        let odd = note(|event| event.subject("xyz").json(&long));
        assert_eq!(odd.len(), 1023, "half a character is none");
    }
}
