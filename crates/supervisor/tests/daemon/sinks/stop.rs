use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::sink;
use crate::support::{Daemon, event, sqlite3, until};

#[test]
fn a_stop_waits_for_what_a_best_effort_sink_was_sent() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("store.sqlite");
    let url = format!("sqlite:{}", file.display());
    let settings = [
        ("CONSIGN_SINK", "journal,store:best-effort:20s"),
        ("CONSIGN_STORE_URL", &*url),
    ];
    let daemon = Daemon::start(&dir.path().join("data"), &settings);
    let mut other = Command::new("sqlite3")
        .arg(&file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut asked = other.stdin.take().unwrap();
    asked
        .write_all(b"BEGIN IMMEDIATE;\n.print locked\n")
        .unwrap();
    let mut said = BufReader::new(other.stdout.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert_eq!(line, "locked\n");

    let mut client = daemon.client();
    for id in 0..5 {
        let answer = client.post(&event(&id.to_string(), "{}")).unwrap();
        assert_eq!(answer.status, 204);
    }
    until(&daemon, Duration::from_secs(5), |now| {
        sink(now, "store")["lagging"] == 5
    });
    daemon.signal("TERM");
    while !daemon.log().contains("stopping") {
        std::thread::park_timeout(Duration::from_millis(5));
    }
    // The lock goes with the program that has it.
    drop(asked);
    other.wait().unwrap();
    let (exit, log) = daemon.ended();
    assert!(exit.success(), "{log}");
    assert_eq!(sqlite3(&file, "SELECT count(*) FROM agent_events"), "5");
}
