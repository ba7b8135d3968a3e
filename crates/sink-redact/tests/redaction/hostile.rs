//! Inputs made to cost time, memory or the redactor's attention.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::{SECRET, event, json, redactor};

/// Large enough for what is not linear to show: 64 KiB took seconds where a rule was quadratic.
const LARGE: usize = 1 << 17;

/// FI7: many times what a linear pass takes, unoptimised and on a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);

#[test]
fn repetitions_of_anything_are_passed_in_linear_time() {
    let redactor = redactor();
    let parts = [
        "ghp_",
        "-ghp_",
        " AKIA",
        "sk-ant-",
        " sk-proj-",
        ".ey",
        "eyJ.",
        ".eyJ-",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nAAAAAAAAAAAAAAAA\n",
        "password=",
        "password: ",
        "\"password\":\"",
        "token='",
        "token=\"token='token=`",
        "token_",
        "Bearer ",
        "bearer a1",
        "curl -u ",
        "curl -u '",
        "curl --user \"a:",
        "-H \"token:",
        "cookie: a=",
        "Authorization: ",
        "://",
        "a://b:",
        "@://a:b",
        "1Q~",
        "8Q~AAAAAAAA",
        "1:A",
        "12345:A",
        "s.a",
        " s.AAAAAAAAAAAAAAAAAAAAAAA",
        "SG.",
        "SKSK",
        "PRIVATE+KEY+",
        "xoxb-",
        "%41",
        "%",
        "\\u0041",
        "\\",
        "\\\\",
        "dapi",
        "dt0c01.",
        "Q29u",
        "QUFBQUFBQUFB",
        "a1b2",
        "{\"a\":",
        "[[",
        "[{}",
        "\"",
        "Signature=",
        "AAAAAAAAAAAAAAAAAAAA ",
        "61616161616161",
        "Private-Lines: 1\n",
        "A",
        " ",
        "hooks.slack.com/services/",
        "ops_eyJ",
        "AGE-SECRET-KEY-1",
        "é",
        "=",
        "glcbt-_",
        "eyJhbGciOi....",
    ];
    for part in parts {
        let text = part.repeat(LARGE / part.len());
        let start = Instant::now();
        let _redacted = redactor.redact_text(&text);
        assert!(
            start.elapsed() < PATIENCE,
            "{part:?} took {:?}",
            start.elapsed()
        );
        let data = Value::String(text).to_string();
        let mut event = event().json(&data).build().unwrap();
        let start = Instant::now();
        // Found, passed or refused for its budget: what counts here is how long that takes.
        drop(redactor.redact(&mut event));
        assert!(
            start.elapsed() < PATIENCE,
            "{part:?} in JSON took {:?}",
            start.elapsed()
        );
    }
}

#[test]
fn an_encoding_too_deep_to_follow_is_not_let_through() {
    let mut text = SECRET.to_owned();
    for depth in 0..12 {
        let data = json!({"a": text, "b": "kept"}).to_string();
        if depth <= 8 {
            let redacted = json(&redactor(), &data);
            assert!(
                !redacted.contains(&text) && redacted.contains("kept"),
                "{depth}"
            );
            assert!(redacted.contains("github-pat"), "{depth}: {redacted}");
        } else {
            assert!(is_refused(event().json(&data)), "{depth}");
        }
        text = STANDARD.encode(text);
    }
}

#[test]
fn strings_in_strings_too_deep_to_follow_are_not_let_through() {
    let mut value = json!({"a": SECRET});
    for _ in 0..11 {
        value = json!({"a": value.to_string()});
    }
    assert!(is_refused(event().json(&value.to_string())));
}

#[test]
fn what_cannot_be_followed_refuses_an_event_wherever_it_stands() {
    let mut text = SECRET.to_owned();
    for _ in 0..10 {
        text = STANDARD.encode(text).replace('=', "");
    }
    for event in [
        events_core::Event::builder(&text, "/", "t"),
        events_core::Event::builder("1", &text, "t"),
        events_core::Event::builder("1", "/", &text),
        event().subject(&text),
        event().extension("runid", &text),
        event().extension("tenantid", &text),
    ] {
        assert!(is_refused(event));
    }
}

fn is_refused(event: events_core::EventBuilder) -> bool {
    redactor().redact(&mut event.build().unwrap()).is_err()
}

#[test]
fn more_secrets_than_anyone_writes_refuse_the_event() {
    for part in [
        "password=a1b2c3 ",
        "a://b:c1@d ",
        "AKIAJ5WJ2VVTVREA467Q ",
        "ghp_kpcoumvq604tsx2k17nn30rkvogvgw85mi1u ",
    ] {
        let holding = |count: usize| event().json(&json!({"a": part.repeat(count)}).to_string());
        assert!(
            !is_refused(holding(1000)) && is_refused(holding(20_000)),
            "{part}"
        );
    }
}

#[test]
fn a_blob_is_searched_whole_however_large() {
    let mut bytes: Vec<u8> = (0..200_000_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    bytes.extend_from_slice(SECRET.as_bytes());
    bytes.extend_from_slice(&[0xff; 1000]);
    let redacted = json(
        &redactor(),
        &json!({"a": STANDARD.encode(&bytes)}).to_string(),
    );
    assert_eq!(redacted, r#"{"a":"[REDACTED:github-pat]"}"#);
}

#[test]
fn json_that_is_none_is_read_as_text() {
    // Twice the same key, too deep, cut off, several in a row: no parser, no way through.
    let deep = format!(
        "{}{{\"password\":\"hunter2\"}}{}",
        "[".repeat(80),
        "]".repeat(80)
    );
    for text in [
        r#"{"password":"a1","password":"hunter2"}"#,
        &deep,
        r#"{"user":"bob","password":"hunter2","#,
        "{\"password\":\"hunter2\"}\n{\"password\":\"hunter2\"}\n",
        r#"{"pass\u0077ord":"hunter2","#,
        r#"body={\"password\":\"hunter2\"}"#,
        "user=bob&password=hunter2",
        "Server=x;Password=hunter2;",
    ] {
        let redacted = redactor().redact_text(text).into_owned();
        assert!(!redacted.contains("hunter2"), "{redacted}");
        let redacted = json(&redactor(), &json!({"a": text}).to_string());
        assert!(!redacted.contains("hunter2"), "{redacted}");
    }
}
