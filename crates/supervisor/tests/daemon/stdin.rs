//! Events as NDJSON on standard input.

use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

use crate::support::{Daemon, event, journal};

fn feed(data: &Path, input: &[u8], argument: Option<&str>) -> Output {
    let settings: &[(&str, &str)] = if argument.is_some() {
        &[]
    } else {
        &[("CONSIGN_STDIN", "1")]
    };
    let mut command = Daemon::command(data, settings);
    let mut child = command
        .args(argument)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

#[test]
fn every_line_is_stored_in_order_before_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let lines: Vec<String> = (0..2_500).map(|n| event(&format!("e{n}"), "{}")).collect();
    let output = feed(dir.path(), lines.join("\n").as_bytes(), Some("-"));
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let ids: Vec<String> = journal(dir.path())
        .iter()
        .map(|event| event["id"].to_string())
        .collect();
    let expected: Vec<String> = (0..2_500).map(|n| format!("\"e{n}\"")).collect();
    assert_eq!(ids, expected);
}

#[test]
fn a_refused_line_is_named_and_harms_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let long = event("long", &format!("\"{}\"", "x".repeat(400_000)));
    let input = format!(
        "{}\n\n{{\"id\":\"CANARY\"}}\n{long}\nnonsense CANARY\n{}",
        event("1", "{}"),
        event("2", "{}")
    );
    let output = feed(dir.path(), input.as_bytes(), None);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(journal(dir.path()).len(), 2);
    for line in [3, 4, 5] {
        assert!(
            said.contains(&format!("\"line\":{line}")),
            "line {line} is not named: {said}"
        );
    }
    assert!(!said.contains("CANARY"), "{said}");
}

#[test]
fn nothing_to_read_is_no_failure() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(feed(dir.path(), b"", Some("-")).status.code(), Some(0));
}
