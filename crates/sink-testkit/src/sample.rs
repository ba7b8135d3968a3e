use events_core::{Event, EventBuilder, EventSink, EventSinkExt as _, NoopSink, WireEvent};

use crate::Failure;

/// An event whose id is `id` and whose data is `{"text":"…"}`.
///
/// # Panics
/// Where `id` is none: empty, or with control characters.
#[must_use]
pub fn event(id: &str, text: &str) -> Event {
    built(plain(id).json(&json_text(text)))
}

/// `count` sealed events whose ids are `1` to `count`.
#[must_use]
pub fn sealed(count: usize) -> Vec<WireEvent> {
    #[expect(
        clippy::expect_used,
        reason = "a sample that does not seal is a defect of the test kit"
    )]
    seal(&NoopSink, numbered(count)).expect("samples seal")
}

/// Events `1` to `count`.
pub(crate) fn numbered(count: usize) -> Vec<Event> {
    (1..=count)
        .map(|number| event(&number.to_string(), "hello bob"))
        .collect()
}

/// One event for each thing that a careless encoding changes.
pub(crate) fn varied() -> Vec<Event> {
    vec![
        built(plain("no-data")),
        built(plain("digits").json(r#"{ "n": 1.10, "big": 12345678901234567890123, "e": 1E5 }"#)),
        built(plain("escapes").json(r#"{"\u0061":"\u00e9é\/\u2028 🔑"}"#)),
        built(plain("null").json("null")),
        built(
            plain("text")
                .data_content_type("text/plain")
                .text("two\nlines\t\"x\""),
        ),
        built(
            plain("bytes")
                .data_content_type("application/octet-stream")
                .binary(vec![0, 1, 254, 255]),
        ),
        built(
            plain("attributes")
                .subject("über/42")
                .data_schema("https://schema.example/1")
                .extension("traceparent", "00-0af7-b7ad-01")
                .integer_extension("attempt", -7)
                .boolean_extension("dry", true),
        ),
        built(plain("tenant").extension("tenantid", "acme").json("[]")),
    ]
}

/// Events whose ids break what only looks like a name: paths, subjects, lines, columns.
pub(crate) fn oddly_named() -> Vec<Event> {
    let long = "x".repeat(1024);
    let ids = [
        "ключ 🔑",
        "../../etc/passwd",
        "a b",
        "\"quoted\\\"",
        "\u{202e}gnissim",
        "a.b.*.>",
        "$JS.API",
        "%00%0a",
        "' OR 1=1 --",
        &long,
    ];
    ids.into_iter().map(|id| event(id, "hello bob")).collect()
}

/// Seals through `sink`, which must refuse none.
pub(crate) fn seal(
    sink: &(impl EventSink + ?Sized),
    events: Vec<Event>,
) -> Result<Vec<WireEvent>, Failure> {
    let sealed: Result<Vec<_>, _> = sink.seal(events).into_iter().collect();
    sealed.map_err(|error| Failure::new(format!("refused an event: {error:?}")))
}

/// An event with every required attribute and a time, so that sealing it twice gives the same.
pub(crate) fn plain(id: &str) -> EventBuilder {
    Event::builder(id, "/testkit", "test.event").time("2026-01-01T00:00:00Z")
}

#[expect(
    clippy::expect_used,
    reason = "a sample that is no event is a defect of the test that asks for it"
)]
pub(crate) fn built(event: EventBuilder) -> Event {
    event.build().expect("a sample is an event")
}

fn json_text(text: &str) -> String {
    let mut out = String::from("{\"text\":");
    events_core::json::encode_string(text, &mut out);
    out.push('}');
    out
}
