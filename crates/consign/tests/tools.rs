//! Keys, events and configuration from the command line.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn consign(dir: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_consign"));
    command.env_clear().current_dir(dir).args(arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn a_key_is_made_private_once_and_shown_public() {
    let dir = tempfile::tempdir().unwrap();
    let jwks = out(&consign(dir.path(), &["key", "gen", "signing.pem"], ""));
    let mode = dir.path().join("signing.pem").metadata().unwrap().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(
        out(&consign(dir.path(), &["key", "show", "signing.pem"], "")),
        jwks
    );
    let id = out(&consign(dir.path(), &["key", "id", "signing.pem"], ""));
    assert!(jwks.contains(id.trim()), "{id} {jwks}");
    assert!(!jwks.contains("\"d\""));
    let again = consign(dir.path(), &["key", "gen", "signing.pem"], "");
    assert_eq!(
        again.status.code(),
        Some(1),
        "an existing key is never overwritten"
    );
}

#[test]
fn an_event_goes_through_every_form_and_back() {
    let dir = tempfile::tempdir().unwrap();
    let new = [
        "event",
        "new",
        "--type",
        "demo.hello",
        "--source",
        "/demo",
        "--id",
        "1",
    ];
    let rest = [
        "--time",
        "2026-11-21T10:00:00+01:00",
        "--ext",
        "note=Euro €",
        r#"{"n": 1.10}"#,
    ];
    let structured = out(&consign(dir.path(), &[&new[..], &rest[..]].concat(), ""));
    let binary = out(&consign(
        dir.path(),
        &["event", "convert", "--to", "binary"],
        &structured,
    ));
    assert!(binary.contains("ce-note: Euro%20%E2%82%AC\n"), "{binary}");
    let batch = out(&consign(
        dir.path(),
        &["event", "convert", "--to", "batch"],
        &binary,
    ));
    let back = out(&consign(
        dir.path(),
        &["event", "convert", "--to", "structured"],
        &batch,
    ));
    assert_eq!(back, structured);
}

#[test]
fn validate_names_every_violation_and_exits_3() {
    let dir = tempfile::tempdir().unwrap();
    let bad = r#"{"specversion":"1.0","id":"","source":"/s","time":"now"}"#;
    let output = consign(dir.path(), &["event", "validate"], bad);
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stdout).unwrap();
    for part in [
        "id must not be empty",
        "time must be",
        "type is missing",
        "invalid 1",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn the_configuration_is_shown_explained_and_checked() {
    let dir = tempfile::tempdir().unwrap();
    let shown = out(&consign(dir.path(), &["config", "show"], ""));
    assert!(shown.contains("CONSIGN_HTTP_ADDR") && shown.contains("dlq(sign(redact(journal)))"));
    let explained = out(&consign(
        dir.path(),
        &["config", "explain", "CONSIGN_HTTP_ADDR"],
        "",
    ));
    assert!(explained.contains("127.0.0.1:8080"), "{explained}");
    assert!(out(&consign(dir.path(), &["config", "validate"], "")).contains("ok"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_consign"));
    command
        .env_clear()
        .env("CONSIGN_HTTP_ADR", "x")
        .args(["config", "validate"]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(78), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("CONSIGN_HTTP_ADDR"));
}
