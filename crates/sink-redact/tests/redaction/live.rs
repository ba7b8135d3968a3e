//! Values that the host registers.

use events_core::Event;
use proptest::prelude::{any, prop, prop_assert, proptest};
use serde_json::json;
use sink_redact::{Builtin, Config, Redactor};

use crate::support::{event, json, key, redactor};

fn knowing(value: &str) -> Redactor {
    let redactor = Redactor::new(Config {
        builtin: Builtin::Off,
        ..Config::builtin(key())
    });
    let redactor = redactor.unwrap();
    redactor.register(value).unwrap();
    redactor
}

#[test]
fn a_value_is_gone_while_it_is_registered() {
    let redactor = knowing("correct horse");
    let text = r#"{"a":"the correct horse."}"#;
    assert_eq!(json(&redactor, text), r#"{"a":"the [REDACTED:live]."}"#);
    redactor.live().remove("correct horse");
    assert_eq!(json(&redactor, text), text);
}

#[test]
fn a_number_can_be_one() {
    let redactor = knowing("12345678");
    assert_eq!(
        json(&redactor, r#"{"a":[123456789]}"#),
        r#"{"a":["[REDACTED:live]"]}"#
    );
    let mut event = event()
        .integer_extension("pin", 12_345_678)
        .build()
        .unwrap();
    redactor.redact(&mut event).unwrap();
    assert_eq!(
        event.extension("pin").unwrap().as_str(),
        Some("[REDACTED:live]")
    );
}

#[test]
fn one_that_reaches_over_tokens_takes_the_document() {
    let redactor = knowing(r#"{"type":"service_account","id":7}"#);
    let text = r#"{"a":{"type":"service_account","id":7}}"#;
    assert_eq!(json(&redactor, text), r#""[REDACTED:live]""#);
    let nested = json!({"a": text, "b": 1}).to_string();
    assert_eq!(
        json(&redactor, &nested),
        r#"{"a":"\"[REDACTED:live]\"","b":1}"#
    );
}

#[test]
fn one_in_the_type_refuses_the_event() {
    let redactor = redactor();
    redactor.register("hunter2").unwrap();
    let mut event = Event::builder("1", "/", "com.hunter2.login")
        .build()
        .unwrap();
    assert!(redactor.redact(&mut event).is_err());
    let mut event = crate::support::event()
        .extension("hunter2", "x")
        .build()
        .unwrap();
    let error = format!("{:?}", redactor.redact(&mut event).unwrap_err());
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn nothing_shows_a_value() {
    let redactor = redactor();
    redactor.register("hunter2").unwrap();
    assert!(!format!("{redactor:?}").contains("hunter2"));
}

#[test]
fn values_change_while_events_pass() {
    let redactor = redactor();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..50 {
                redactor.register(format!("secret-{round}")).unwrap();
            }
        });
        for _ in 0..200 {
            json(&redactor, r#"{"a":"secret-0"}"#);
        }
    });
    assert_eq!(
        json(&redactor, r#"{"a":"secret-0"}"#),
        r#"{"a":"[REDACTED:live]"}"#
    );
}

proptest! {
    #[test]
    fn in_no_form_and_no_place_it_stays(
        value in "[ -~]{6,24}",
        before in prop::collection::vec(any::<u8>(), 0..4),
        form in 0..8_usize,
        place in 0..6_usize,
    ) {
        let value = value.trim();
        if value.len() < 6 {
            return Ok(());
        }
        let redactor = knowing(value);
        let written = crate::canary::encoded(value, &before, form);
        let event = match place {
            0 => event().json(&json!({"a": [written]}).to_string()),
            1 => event().json(&json!({written.as_str(): 1}).to_string()),
            2 => event().data_content_type("text/plain").text(&written),
            3 => event().data_content_type("text/plain").binary(written.clone()),
            4 => event().subject(&written),
            _ => Event::builder(&written, "/", "t"),
        };
        let mut event = event.build().unwrap();
        // Refused, nothing of it leaves.
        if redactor.redact(&mut event).is_ok() {
            let out = crate::canary::shown(&event);
            prop_assert!(!out.contains(&written) && !out.contains(value), "{out}");
        }
    }
}
