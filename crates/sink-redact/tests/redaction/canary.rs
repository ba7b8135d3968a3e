//! A secret that goes in must not come out, wherever it was put and however it was written.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use events_core::Event;
use proptest::prelude::{
    Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use serde_json::{Value, json};

use crate::support::{SECRET, event, redactor, with_fields};

/// `text` in one of eight forms. In base64, hexadecimal and percent escapes `before` stands
/// before it.
pub(crate) fn encoded(text: &str, before: &[u8], form: usize) -> String {
    let bytes = [before, text.as_bytes()].concat();
    match form {
        0 => STANDARD.encode(bytes),
        1 => URL_SAFE_NO_PAD.encode(bytes),
        2 => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        3 => bytes.iter().map(|byte| format!("%{byte:02X}")).collect(),
        4 => json!([text]).to_string(),
        5 => json!({text: 1}).to_string(),
        6 => text
            .chars()
            .map(|letter| format!("\\u{:04X}", u32::from(letter)))
            .collect(),
        _ => format!("a {text} b"),
    }
}

/// Everything of an event that is written, with the escapes of JSON strings resolved once.
pub(crate) fn shown(event: &Event) -> String {
    let mut out = format!("{} {}", event.id().as_str(), event.source().as_str());
    out.push_str(event.subject().map_or("", |subject| subject.as_str()));
    event
        .extensions()
        .values()
        .for_each(|value| out.push_str(&value.to_canonical()));
    let data = event.data().map_or(&[][..], |data| data.as_bytes());
    out.push_str(&String::from_utf8_lossy(data));
    if let Ok(value) = serde_json::from_slice::<Value>(data) {
        collect(&value, &mut out);
    }
    out
}

fn collect(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => out.push_str(text),
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, out)),
        Value::Object(members) => {
            for (key, member) in members {
                out.push_str(key);
                collect(member, out);
            }
        }
        _ => {}
    }
}

/// JSON with a hole at some depth, filled with `text` as a string or as a key.
fn filled(text: &str, as_key: bool, way: &[usize]) -> Value {
    let leaf = if as_key {
        json!({text: [null, 1.5]})
    } else {
        json!(text)
    };
    way.iter().fold(leaf, |inner, step| match step {
        0 => json!([1, inner, "x"]),
        1 => json!({"name": "é\n", "items": inner}),
        2 => {
            json!({"z": {"path": "/a/b", "id": "550e8400-e29b-41d4-a716-446655440000"}, "y": inner})
        }
        _ => json!(inner.to_string()),
    })
}

proptest! {
    #[test]
    fn in_no_form_and_no_place_it_stays(
        forms in prop::collection::vec((0..8_usize, prop::collection::vec(any::<u8>(), 0..4)), 0..3),
        as_key in any::<bool>(),
        way in prop::collection::vec(0..4_usize, 0..5),
    ) {
        let written = forms.iter().fold(SECRET.to_owned(), |text, (form, before)| encoded(&text, before, *form));
        let mut event = event().json(&filled(&written, as_key, &way).to_string()).build().unwrap();
        let found = redactor().redact(&mut event).unwrap();
        let out = shown(&event);
        prop_assert!(!found.is_empty() && !out.contains(&written) && !out.contains(SECRET), "{out}");
    }

    #[test]
    fn twice_is_once(text in secretive()) {
        let redactor = redactor();
        let once = redactor.redact_text(&text).into_owned();
        let twice = redactor.redact_text(&once).into_owned();
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn json_stays_json_and_twice_is_once(text in secretive(), way in prop::collection::vec(0..4_usize, 0..4)) {
        let redactor = with_fields("path");
        let mut event = event().json(&filled(&text, false, &way).to_string()).build().unwrap();
        redactor.redact(&mut event).unwrap();
        let data = event.data().unwrap().as_bytes().to_vec();
        prop_assert!(serde_json::from_slice::<Value>(&data).is_ok());
        redactor.redact(&mut event).unwrap();
        prop_assert_eq!(event.data().unwrap().as_bytes(), data);
    }

    #[test]
    fn no_text_is_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut event = event().data_content_type("text/plain").binary(bytes).build().unwrap();
        redactor().redact(&mut event).unwrap();
    }
}

/// Text full of what rules look for.
fn secretive() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just(SECRET.to_owned()),
        Just("password=hunter2!x".to_owned()),
        Just("\"token\": \"abc\"".to_owned()),
        Just("https://bob:p@ss@h/".to_owned()),
        Just("Authorization: Bearer abc123def456ghi789".to_owned()),
        Just("Cookie: a=b; c=d".to_owned()),
        Just("curl -u bob:hunter2".to_owned()),
        Just("AKIAJ5WJ2VVTVREA467Q".to_owned()),
        Just("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B".to_owned()),
        Just("-----END PRIVATE KEY-----".to_owned()),
        Just(STANDARD.encode(format!("{{\"password\":\"{SECRET}\"}}"))),
        Just("secret: 9f8aK2mQ7xLp3Zr".to_owned()),
        Just("%67\\u0068p_".to_owned()),
        "[ -~]{0,6}",
    ];
    prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
}
