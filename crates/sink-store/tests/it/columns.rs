//! Rows as other programs see them.

use std::path::Path;
use std::process::Command;

use events_core::{Event, WireEvent};
use serde_json::{Value, json};

use crate::{file, open, seal};

/// A record, as components emit them, and an event of another kind.
pub(crate) fn both() -> [WireEvent; 2] {
    let record = Event::builder(
        "7",
        "urn:consign:component:mcpclient",
        "record.mcpclient.connect",
    )
    .subject("server-3")
    .time("2026-01-01T02:00:00.1234567+02:00")
    .extension("tenantid", "acme")
    .extension("component", "mcpclient")
    .extension("category", "net")
    .extension("outcome", "timeout")
    .integer_extension("severitynumber", 13)
    .extension("severitytext", "WARN")
    .extension("taskid", "t-1")
    .extension("missionid", "m-1")
    .extension("objectiveid", "o-1")
    .json(r#"{"detail":"none\u0000 there 'é'","attrs":{"n":1.10,"z":"\u0000"}}"#);
    let other = Event::builder("8", "/here", "tool.started").time("2026-01-01T00:00:01Z");
    let other = other.subject("drill").json(r#"{"detail":"of its own"}"#);
    [seal(record.build().unwrap()), seal(other.build().unwrap())]
}

/// What the structured columns of [`both`] hold.
pub(crate) fn expected() -> Value {
    json!([
        {
            "tenant": "acme", "source": "urn:consign:component:mcpclient", "id": "7",
            "type": "record.mcpclient.connect", "subject": "server-3", "component": "mcpclient",
            "category": "net", "resource": "server-3", "action": "connect",
            "outcome": "timeout", "severity": "warn", "task": "t-1", "mission": "m-1",
            "objective": "o-1", "detail": "none\u{fffd} there 'é'",
            "attrs": r#"{"n":1.10,"z":"\u0000"}"#,
        },
        {
            "tenant": "single", "source": "/here", "id": "8", "type": "tool.started",
            "subject": "drill", "component": null, "category": null, "resource": null,
            "action": null, "outcome": null, "severity": null, "task": null, "mission": null,
            "objective": null, "detail": null, "attrs": null,
        },
    ])
}

/// The columns that both databases hold as texts.
pub(crate) const TEXTS: &str = "tenant, source, id, type, subject, component, category, resource, \
    action, outcome, severity, task, mission, objective, detail";

#[tokio::test]
async fn sqlite3_reads_the_rows_as_documented() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&file(dir.path()));
    for result in store.append(&both()).await {
        let _receipt = result.unwrap();
    }
    let path = dir.path().join("store.sqlite");
    let columns = sqlite3(
        &path,
        &format!("SELECT {TEXTS}, attrs FROM agent_events ORDER BY seq"),
    );
    assert_eq!(columns, expected());
    let rest = sqlite3(
        &path,
        "SELECT seq, time, wire, message_id FROM agent_events ORDER BY seq",
    );
    let [record, other] = both();
    let own = |seq: usize, time: &str, event: &WireEvent| {
        let wire = std::str::from_utf8(event.bytes()).unwrap();
        json!({"seq": seq, "time": time, "wire": wire, "message_id": event.message_id().to_string()})
    };
    let first = own(1, "2026-01-01T00:00:00.123456Z", &record);
    assert_eq!(
        rest,
        json!([first, own(2, "2026-01-01T00:00:01.000000Z", &other)])
    );
    let flat = sqlite3(
        &path,
        "SELECT event, detail FROM agent_events_flat ORDER BY seq",
    );
    let (event, detail) = ("mcpclient.connect", "none\u{fffd} there 'é'");
    let second = json!({"event": "tool.started", "detail": null});
    assert_eq!(flat, json!([{"event": event, "detail": detail}, second]));
}

#[tokio::test]
async fn what_the_readme_says_of_sqlite3_works() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&file(dir.path()));
    for result in store.append(&both()).await {
        let _receipt = result.unwrap();
    }
    let told = readme("sqlite3 ", |command| command.current_dir(dir.path()));
    assert!(told.contains("mcpclient.connect"), "{told}");
    assert!(told.contains("tool.started"), "{told}");
}

/// What the lines of the README that begin so print, typed as they are.
pub(crate) fn readme(begin: &str, set: impl Fn(&mut Command) -> &mut Command) -> String {
    let text = include_str!("../../README.md");
    let lines = text.lines().filter(|line| line.starts_with(begin));
    let told = lines.map(|line| {
        let mut shell = Command::new("/bin/sh");
        let output = set(shell.args(["-c", line])).output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    });
    told.collect()
}

fn sqlite3(path: &Path, sql: &str) -> Value {
    let mut command = Command::new("sqlite3");
    command.args(["-json", "-readonly"]).arg(path).arg(sql);
    let output = match command.output() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            panic!("no sqlite3 on PATH: run `cargo xtask tools` and see what it says")
        }
        output => output.unwrap(),
    };
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}
