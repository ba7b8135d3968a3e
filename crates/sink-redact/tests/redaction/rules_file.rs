//! Rules of the host's own.

use sink_redact::{Builtin, Config, Fields, Redactor};

use crate::support::{SECRET, json, key};

fn with_file(builtin: Builtin, text: &str) -> Redactor {
    let config = Config {
        builtin,
        fields: Fields::default(),
        rules_file: Some(text.to_owned()),
        token_key: key(),
    };
    Redactor::new(config).unwrap()
}

#[test]
fn rules_find_what_they_describe() {
    let redactor = with_file(
        Builtin::On,
        r#"
        fields = ["/card/number"]
        [keys]
        names = ["acme-pin"]
        allow = ["page_password"]
        [[rules]]
        name = "acme-key"
        pattern = 'acme_([a-z0-9]{8})'
        keywords = ["acme_"]
        [[rules]]
        name = "acme-order"
        pattern = 'ORD-\d{6}'
        "#,
    );
    for (text, expected) in [
        (
            r#"["x acme_12ab34cd y"]"#,
            r#"["x acme_[REDACTED:acme-key] y"]"#,
        ),
        (r#"["x ORD-123456 y"]"#, r#"["x [REDACTED:acme-order] y"]"#),
        (
            r#"{"card":{"number":"4111"}}"#,
            r#"{"card":{"number":"[REDACTED:field]"}}"#,
        ),
        (r#"{"myAcmePin":1234}"#, r#"{"myAcmePin":"[REDACTED:key]"}"#),
        (
            r#"{"page_password":"hunter2"}"#,
            r#"{"page_password":"hunter2"}"#,
        ),
        (
            r#"{"password":"hunter2"}"#,
            r#"{"password":"[REDACTED:key]"}"#,
        ),
    ] {
        assert_eq!(json(&redactor, text), expected);
    }
}

#[test]
fn values_that_are_allowed_stay() {
    let redactor = with_file(
        Builtin::On,
        &format!("[allow]\nvalues = [\"{SECRET}\", \"changeme\"]\npatterns = ['^test-']"),
    );
    for text in [
        format!(r#"["{SECRET}"]"#),
        r#"{"password":"changeme"}"#.to_owned(),
        r#"{"password":"test-1234"}"#.to_owned(),
    ] {
        assert_eq!(json(&redactor, &text), text);
    }
}

#[test]
fn without_the_builtin_rules_only_those_of_the_file_count() {
    let redactor = with_file(Builtin::Off, "[keys]\nnames = [\"pin\"]");
    let text = format!(r#"{{"password":"{SECRET}","pin":"1234"}}"#);
    let expected = text.replace("\"1234\"", "\"[REDACTED:key]\"");
    assert_eq!(json(&redactor, &text), expected);
}

#[test]
fn errors_come_all_at_once() {
    let config = Config {
        rules_file: Some("[keys]\nnames = 1\n[[rules]]\nname = \"x\"\npattern = '('".to_owned()),
        ..Config::builtin(key())
    };
    let error = Redactor::new(config).unwrap_err();
    assert_eq!(error.problems().count(), 2, "{error}");
}

#[test]
fn the_policy_tells_files_apart() {
    let one = with_file(Builtin::On, "[keys]\nnames = [\"pin\"]");
    let two = with_file(Builtin::On, "");
    assert_ne!(one.policy(), two.policy());
    assert!(one.policy().len() == 12 && one.policy().bytes().all(|byte| byte.is_ascii_hexdigit()));
}
