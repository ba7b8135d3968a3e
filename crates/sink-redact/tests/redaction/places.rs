//! Where a secret may stand in an event, and what becomes of it there.

use events_core::{Event, EventBuilder};
use serde_json::{Value, json};

use crate::support::{SECRET, event, json, redactor};

/// The token that stands for [`SECRET`].
fn token() -> String {
    let mut event = Event::builder(SECRET, "/", "t").build().unwrap();
    redactor().redact(&mut event).unwrap();
    event.id().as_str().to_owned()
}

fn redacted(event: EventBuilder) -> Event {
    let mut event = event.build().unwrap();
    redactor().redact(&mut event).unwrap();
    event
}

fn refusal(event: EventBuilder) -> String {
    let error = redactor().redact(&mut event.build().unwrap()).unwrap_err();
    let text = format!("{error:?} {}", error.violations().unwrap());
    assert!(!text.contains(SECRET));
    text
}

#[test]
fn a_string_loses_the_secret_alone() {
    let text = json!({"log": format!("pushed with {SECRET}, ok")}).to_string();
    assert_eq!(
        json(&redactor(), &text),
        r#"{"log":"pushed with [REDACTED:github-pat], ok"}"#
    );
}

#[test]
fn a_value_under_a_sensitive_key_goes_whole_whatever_its_type() {
    for value in ["\"hunter2\"", "12345678", "[1,2]", "{\"a\":1}", "-1.5e3"] {
        let text = format!(r#"{{"db_password": {value},"b":1}}"#);
        assert_eq!(
            json(&redactor(), &text),
            r#"{"db_password": "[REDACTED:key]","b":1}"#
        );
    }
}

#[test]
fn what_hides_nothing_stays_under_a_sensitive_key() {
    for value in [
        "true",
        "null",
        "\"\"",
        "[]",
        "{}",
        "\"${PASSWORD}\"",
        "\"[REDACTED:key]\"",
    ] {
        let text = format!(r#"{{"password":{value}}}"#);
        assert_eq!(json(&redactor(), &text), text);
    }
    let counted = r#"{"secrets":3,"cookies":5}"#;
    assert_eq!(json(&redactor(), counted), counted);
    // A stand-in that holds a secret is none.
    let text = json!({"password": format!("<{SECRET}>")}).to_string();
    assert!(!json(&redactor(), &text).contains(SECRET));
}

#[test]
fn names_and_flags_tell_of_the_value_beside_them() {
    for (text, expected) in [
        (
            r#"[{"name":"DB_PASSWORD","value":"hunter2"},{"name":"PATH","value":"/bin"}]"#,
            r#"[{"name":"DB_PASSWORD","value":"[REDACTED:key]"},{"name":"PATH","value":"/bin"}]"#,
        ),
        (
            r#"["login","--password","hunter2","-v","x"]"#,
            r#"["login","--password","[REDACTED:key]","-v","x"]"#,
        ),
    ] {
        assert_eq!(json(&redactor(), text), expected);
    }
}

#[test]
fn all_that_is_not_redacted_keeps_its_bytes() {
    let text = format!(
        "{{ \"n\" : 1.10, \"e\":\"\\u00e9\\/\\n\", \"x\\u0079\":[1e999, -0],\"s\":\"a\\t{SECRET}\\u0009b\" }}"
    );
    let expected = text.replace(SECRET, "[REDACTED:github-pat]");
    assert_eq!(json(&redactor(), &text), expected);
}

#[test]
fn keys_stay_apart_and_equal_ones_equal() {
    let other = SECRET.replace("kp", "pk");
    let text = json!({SECRET: 1, other.as_str(): 2, "a": {SECRET: 3}}).to_string();
    let value: Value = serde_json::from_str(&json(&redactor(), &text)).unwrap();
    let object = value.as_object().unwrap();
    assert_eq!(object.len(), 3);
    assert_eq!(object[&token()], 1);
    assert_eq!(object["a"][&token()], 3);
}

#[test]
fn a_key_that_is_taken_already_is_avoided() {
    let text = json!({token(): 1, SECRET: 2}).to_string();
    let value: Value = serde_json::from_str(&json(&redactor(), &text)).unwrap();
    let object = value.as_object().unwrap();
    assert_eq!((object.len(), &object[&token()]), (2, &json!(1)));
}

#[test]
fn ids_and_sources_keep_their_identity() {
    let other = SECRET.replace("kp", "pk");
    let one = redacted(Event::builder(
        &format!("run-{SECRET}"),
        &format!("/r/{SECRET}?a=1"),
        "t",
    ));
    let two = redacted(Event::builder(
        &format!("run-{other}"),
        &format!("/r/{other}?a=1"),
        "t",
    ));
    assert_eq!(one.id().as_str(), format!("run-{}", token()));
    assert_eq!(one.source().as_str(), format!("/r/{}?a=1", token()));
    assert_ne!(one.id(), two.id());
    assert_ne!(one.source(), two.source());
    let token = token();
    assert_eq!(
        token.strip_prefix("redacted-github-pat-").unwrap().len(),
        10
    );
}

#[test]
fn a_password_in_a_source_leaves_a_valid_uri() {
    let event = redacted(Event::builder("1", "https://bob:hunter2@a.example/x", "t"));
    let source = event.source().as_str();
    assert!(
        source.starts_with("https://bob:redacted-url-userinfo-"),
        "{source}"
    );
    assert!(source.ends_with("@a.example/x"), "{source}");
}

#[test]
fn runs_and_specs_get_tokens_and_other_attributes_marks() {
    let secret = |name: &str| event().extension(name, SECRET);
    for name in ["runid", "specid"] {
        let event = redacted(secret(name));
        assert_eq!(
            event.extension(name).unwrap().as_str(),
            Some(token().as_str())
        );
    }
    for name in ["note", "tracestate", "sequence", "dssematerial"] {
        let event = redacted(secret(name));
        assert_eq!(
            event.extension(name).unwrap().as_str(),
            Some("[REDACTED:github-pat]")
        );
    }
    let event = redacted(event().subject(&format!("x/{SECRET}")));
    assert_eq!(event.subject().unwrap().as_str(), "x/[REDACTED:github-pat]");
}

#[test]
fn extension_attributes_are_judged_by_their_names_too() {
    let event = redacted(
        event()
            .extension("authtoken", "abc")
            .integer_extension("dbpassword", 1234)
            .boolean_extension("secret", true)
            .extension("apikey", "${KEY}"),
    );
    let texts = ["authtoken", "dbpassword", "apikey"]
        .map(|name| event.extension(name).unwrap().as_str().unwrap());
    assert_eq!(texts, ["[REDACTED:key]", "[REDACTED:key]", "${KEY}"]);
    assert_eq!(event.extension("secret").unwrap().as_str(), None);
}

#[test]
fn schemas_and_media_types_stay_valid() {
    let event = redacted(event().data_schema(&format!("https://a.example/{SECRET}")));
    assert_eq!(
        event.data_schema().unwrap().as_str(),
        format!("https://a.example/{}", token())
    );
    let typed = format!("text/plain; x={SECRET}");
    let event = redacted(crate::support::event().data_content_type(&typed).text("a"));
    let media_type = event.data_content_type().unwrap().as_str();
    assert_eq!(media_type, "text/plain; x=[REDACTED:github-pat]");
}

#[test]
fn where_nothing_can_take_its_place_the_event_is_refused() {
    let secret = SECRET.to_lowercase();
    let databricks = "dapi201fc276aa510bf2e769674b404bdd7c";
    assert!(refusal(Event::builder("1", "/", &format!("a.{secret}"))).contains("type must not"));
    assert!(refusal(event().extension("tenantid", &secret)).contains("tenantid must not"));
    assert!(refusal(event().json(&json!({"tenantId": secret}).to_string())).contains("tenantid"));
    assert!(refusal(event().extension(databricks, "x")).contains("extension attribute must not"));
    let typed = format!("{SECRET}/json");
    assert!(refusal(event().data_content_type(&typed)).contains("datacontenttype"));
    let both = Event::builder("1", "/", SECRET).extension("tenantid", SECRET);
    let text = refusal(both);
    assert!(
        text.contains("type must not") && text.contains("tenantid must not"),
        "{text}"
    );
}

#[test]
fn counts_are_told_by_rule_and_summed_up() {
    let redactor = redactor();
    let text = json!({"a": SECRET, "b": [SECRET, SECRET], "password": "x1"}).to_string();
    let mut event = event().json(&text).build().unwrap();
    let redactions = redactor.redact(&mut event).unwrap();
    assert_eq!(
        redactions.iter().collect::<Vec<_>>(),
        [("github-pat", 3), ("key", 1)]
    );
    assert!(redactor.redact(&mut event).unwrap().is_empty());
    assert_eq!(
        (
            redactor.counters().total(),
            redactor.counters().of("github-pat")
        ),
        (4, 3)
    );
}

#[test]
fn signatures_of_others_are_no_secrets() {
    // A DSSE envelope in base64, as the verifiability extension makes it.
    let digest = "OuoBOOt7BmuKL+VjvcX1Ka2XOv3DqO5vGKvOOZ/heS0=";
    let payload =
        json!({"core": digest, "ext": digest, "signedextattrs": ["sequence"]}).to_string();
    let envelope = json!({
        "payloadType": "https://cloudevents.io/verifiability/dsse/v0.1",
        "payload": base64(&payload),
        "signatures": [{"keyid": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", "sig": base64(digest)}],
    });
    let signed = || event().extension("dssematerial", &base64(&envelope.to_string()));
    assert_eq!(redacted(signed()), signed().build().unwrap());
}

fn base64(text: &str) -> String {
    use base64::Engine as _;

    base64::engine::general_purpose::STANDARD.encode(text)
}

#[test]
fn what_only_looks_like_an_escape_stays() {
    let text = r#"{"path":"C:\\users\\bob\\nul","share":"100% \\x %zz"}"#;
    assert_eq!(json(&redactor(), text), text);
}
