//! Fields, by name and by path.

use serde_json::json;

use crate::support::{event, json, with_fields};

#[test]
fn a_bare_name_counts_at_any_depth_and_in_any_case() {
    let redactor = with_fields("defaults,ssn");
    let text = r#"{"argv":["a"],"x":[{"Path":"/a","SSN":7}],"reason":null,"pathway":1,"y":{"path":{"z":1}}}"#;
    let mark = r#""[REDACTED:field]""#;
    assert_eq!(
        json(&redactor, text),
        format!(
            r#"{{"argv":{mark},"x":[{{"Path":{mark},"SSN":{mark}}}],"reason":{mark},"pathway":1,"y":{{"path":{mark}}}}}"#
        )
    );
}

#[test]
fn names_behind_escapes_and_in_json_in_strings_count() {
    let redactor = with_fields("ssn,data.user.pin");
    for text in [
        r#"{"s\u0073n":"1234"}"#.to_owned(),
        json!({"body": r#"{"ssn":"1234"}"#}).to_string(),
        json!({"body": json!({"body": r#"{"ssn":"1234"}"#}).to_string()}).to_string(),
        json!({"user": r#"{"pin":"1234"}"#}).to_string(),
    ] {
        let redacted = json(&redactor, &text);
        assert!(
            !redacted.contains("1234") && redacted.contains("[REDACTED:field]"),
            "{redacted}"
        );
    }
}

#[test]
fn paths_count_where_they_lead_and_nowhere_else() {
    let redactor = with_fields("$.user.pin,data.list.*.pin,/a/0,data.any.*");
    for (text, expected) in [
        (
            r#"{"user":{"pin":1}}"#,
            r#"{"user":{"pin":"[REDACTED:field]"}}"#,
        ),
        (r#"{"x":{"user":{"pin":1}}}"#, r#"{"x":{"user":{"pin":1}}}"#),
        (
            r#"{"list":[{"pin":1},{"pin":2}]}"#,
            r#"{"list":[{"pin":"[REDACTED:field]"},{"pin":"[REDACTED:field]"}]}"#,
        ),
        (r#"{"a":[1,2]}"#, r#"{"a":["[REDACTED:field]",2]}"#),
        (
            r#"{"any":{"x":1,"y":[2]}}"#,
            r#"{"any":{"x":"[REDACTED:field]","y":"[REDACTED:field]"}}"#,
        ),
    ] {
        assert_eq!(json(&redactor, text), expected);
    }
}

#[test]
fn names_count_for_extension_attributes_but_not_for_the_tenant() {
    let redactor = with_fields("defaults,tenantid,runid");
    let mut event = event()
        .extension("reason", "because")
        .extension("tenantid", "acme")
        .extension("runid", "r-1")
        .build()
        .unwrap();
    redactor.redact(&mut event).unwrap();
    let text = |name: &str| event.extension(name).unwrap().as_str().unwrap().to_owned();
    assert_eq!(
        (text("reason"), text("tenantid")),
        ("[REDACTED:field]".into(), "acme".into())
    );
    assert!(text("runid").starts_with("redacted-field-"));
}

#[test]
fn text_and_binary_data_that_is_json_counts() {
    let redactor = with_fields("ssn");
    for event in [
        event()
            .data_content_type("text/plain")
            .text(r#" {"ssn":1234} "#),
        event()
            .data_content_type("application/json")
            .binary(r#"{"ssn":1234}"#),
    ] {
        let mut event = event.build().unwrap();
        redactor.redact(&mut event).unwrap();
        let data = event.data().unwrap().as_bytes();
        assert!(data.trim_ascii() == br#"{"ssn":"[REDACTED:field]"}"#);
    }
}

#[test]
fn a_field_is_redacted_once() {
    let redactor = with_fields("ssn");
    let once = json(&redactor, r#"{"ssn":1}"#);
    assert_eq!(json(&redactor, &once), once);
}
