//! Recall and precision over the sample of secrets in `corpus/`.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use events_core::{Event, EventBuilder};
use serde_json::{Value, json};
use sink_redact::Redactor;

use crate::support;

struct Sample {
    rule: String,
    secret: bool,
    text: String,
}

impl Sample {
    /// The longest run of letters and digits: the secret, or a part of it that nothing else in
    /// the sample is as long as. In commands that may be a part of an address.
    fn core(&self) -> Option<&str> {
        let in_run = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
        let runs = self.text.split(|letter: char| !in_run(letter));
        let longest = runs.max_by_key(|run| run.len());
        longest.filter(|_| !self.rule.starts_with("curl-"))
    }
}

fn samples(secret: bool) -> Vec<Sample> {
    let lines = include_str!("../corpus/secrets-dev.jsonl").lines();
    let sample = |line: &str| {
        let value: Value = serde_json::from_str(line).unwrap();
        Sample {
            rule: value["rule"].as_str().unwrap().to_owned(),
            secret: value["secret"].as_bool().unwrap(),
            text: value["text"].as_str().unwrap().to_owned(),
        }
    };
    lines
        .map(sample)
        .filter(|sample| sample.secret == secret)
        .collect()
}

/// Holds every secret of the sample against what leaves of the event that `place` puts it into.
#[track_caller]
fn assert_found(place: impl Fn(&str) -> EventBuilder) {
    let redactor = support::redactor();
    let mut missed = Vec::new();
    for sample in samples(true) {
        let mut event = place(&sample.text).build().unwrap();
        let before = rendered(&event);
        redactor.redact(&mut event).unwrap();
        let after = rendered(&event);
        let shows = sample.core().is_some_and(|core| after.contains(core));
        if shows || after == before {
            missed.push(format!("{}: {}", sample.rule, sample.text));
        }
    }
    assert!(missed.is_empty(), "{} missed: {missed:#?}", missed.len());
}

/// All texts of an event, escapes resolved.
fn rendered(event: &Event) -> String {
    let mut text = [event.id().as_str(), event.source().as_str()].join("\n");
    text.push_str(event.subject().map_or("", |subject| subject.as_str()));
    text.push_str(event.data_schema().map_or("", |schema| schema.as_str()));
    for value in event.extensions().values() {
        text.push_str(value.as_str().unwrap_or_default());
    }
    let data = event.data().map_or(&[][..], |data| data.as_bytes());
    match serde_json::from_slice::<Value>(data) {
        Ok(value) => strings(&value, &mut text),
        Err(_) => text.push_str(&String::from_utf8_lossy(data)),
    }
    text
}

fn strings(value: &Value, text: &mut String) {
    match value {
        Value::String(string) => {
            text.push_str(string);
            if let Ok(inner) = serde_json::from_str(string) {
                strings(&inner, text);
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| strings(element, text)),
        Value::Object(members) => members.iter().for_each(|(key, member)| {
            text.push_str(key);
            strings(member, text);
        }),
        other => text.push_str(&other.to_string()),
    }
}

fn leaf(text: &str) -> EventBuilder {
    support::event().json(&json!({"a": {"b": [1, text]}}).to_string())
}

/// The text as an attribute can hold it.
fn printable(text: &str) -> String {
    text.replace(|letter: char| letter.is_control(), " ")
}

fn percent(text: &str, keep: impl Fn(u8) -> bool) -> String {
    let escape = |byte: u8| match byte {
        kept if keep(kept) => char::from(kept).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escape).collect()
}

fn unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

#[test]
fn in_a_string() {
    assert_found(leaf);
}

#[test]
fn behind_unicode_escapes() {
    assert_found(|text| {
        let escaped: String = text
            .chars()
            .map(|letter| format!("\\u{:04x}", u32::from(letter)))
            .collect();
        support::event().json(&format!("[\"{escaped}\"]"))
    });
}

#[test]
fn in_a_key() {
    assert_found(|text| support::event().json(&json!({"a": {text: 1}}).to_string()));
}

#[test]
fn in_json_in_strings() {
    assert_found(|text| leaf(&json!({"a": [text]}).to_string()));
    assert_found(|text| leaf(&json!([json!({text: 1}).to_string()]).to_string()));
}

#[test]
fn in_base64() {
    assert_found(|text| leaf(&STANDARD.encode(text)));
    assert_found(|text| leaf(&URL_SAFE_NO_PAD.encode(text)));
    assert_found(|text| {
        leaf(&format!(
            "data:;base64,{} x",
            URL_SAFE.encode(format!("?{text}"))
        ))
    });
    assert_found(|text| {
        leaf(&format!(
            "/{}",
            STANDARD_NO_PAD.encode(format!("{text}\u{e9}"))
        ))
    });
    assert_found(|text| leaf(&STANDARD.encode(json!({"a": text}).to_string())));
    assert_found(|text| leaf(&STANDARD.encode(STANDARD.encode(text))));
}

#[test]
fn in_hexadecimal() {
    assert_found(|text| {
        leaf(
            &text
                .bytes()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>(),
        )
    });
}

#[test]
fn behind_percent_escapes() {
    assert_found(|text| leaf(&percent(text, unreserved)));
    assert_found(|text| {
        leaf(&format!(
            "https://a.example/?q={}",
            percent(text, |_| false)
        ))
    });
}

#[test]
fn in_text_and_binary_data() {
    let plain = || support::event().data_content_type("text/plain");
    assert_found(|text| plain().text(text));
    assert_found(|text| plain().binary(text.as_bytes().to_vec()));
    assert_found(|text| plain().binary([b"\xff\x00 ", text.as_bytes(), b" \xfe"].concat()));
    assert_found(|text| plain().binary(json!({"a": text}).to_string()));
}

#[test]
fn in_attributes() {
    assert_found(|text| Event::builder(&printable(text), "/s", "t"));
    assert_found(|text| support::event().subject(&printable(text)));
    assert_found(|text| support::event().extension("note", &printable(text)));
    assert_found(|text| support::event().extension("runid", &printable(text)));
    let uri = |byte: u8| unreserved(byte) || b"/:@=+,;!$&'()*?#".contains(&byte);
    assert_found(|text| {
        Event::builder(
            "1",
            &percent(text, |byte| uri(byte) && byte != b'#' && byte != b':'),
            "t",
        )
    });
    assert_found(|text| {
        support::event().data_schema(&format!(
            "urn:a:{}",
            percent(text, |byte| uri(byte) && byte != b'#')
        ))
    });
}

/// What must not be found, and is all the same, with the reason.
const KNOWN: [(&str, &str); 5] = [
    ("anthropic-admin-api-key", "holds a key of another kind"),
    ("anthropic-api-key", "holds a key of another kind"),
    ("curl-auth-header", "holds a JWT"),
    (
        "gcp-api-key",
        "keys that someone published have the form of all others",
    ),
    (
        "telegram-bot-api-token",
        "a value assigned to a name that ends in token",
    ),
];

#[test]
fn what_is_no_secret_is_left_alone() {
    let redactor: Redactor = support::redactor();
    let samples = samples(false);
    let wrong: Vec<_> = samples
        .iter()
        .filter(|sample| redactor.redact_text(&sample.text) != sample.text)
        .filter(|sample| !KNOWN.iter().any(|(rule, _)| *rule == sample.rule))
        .map(|sample| format!("{}: {}", sample.rule, redactor.redact_text(&sample.text)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
