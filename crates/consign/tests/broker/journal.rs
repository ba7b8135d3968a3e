//! A journal on the disk, with a supervisor at work on it.

use std::io::Write as _;
use std::process::{Output, Stdio};

use crate::daemon::Daemon;
use crate::rig::{bare, err, ok};
use crate::running::Running;

/// What a replay of the journal prints of each event, and what it says.
fn read(daemon: &Daemon, arguments: &[&str]) -> Output {
    let dir = daemon.data().display().to_string();
    let read = ["replay", "--dir", &dir, "--template", "{id}"];
    bare(&[&read[..], arguments].concat()).output().unwrap()
}

fn ids(printed: &str) -> Vec<usize> {
    printed.lines().map(|id| id.parse().unwrap()).collect()
}

#[test]
fn a_journal_is_read_whole_while_a_supervisor_writes_it() {
    let daemon = Daemon::alone();
    let url = daemon.url();
    let mut command = bare(&["publish", "-", "--through-chain", "--url", &url]);
    command.stdin(Stdio::piped());
    let mut writing = Running::start(command);
    let mut stdin = writing.stdin();
    let feeding = std::thread::spawn(move || {
        for id in 1..=EVENTS {
            let event = format!(
                "{{\"specversion\":\"1.0\",\"id\":\"{id}\",\"source\":\"/s\",\"type\":\"a\",\"tenantid\":\"acme\"}}\n"
            );
            stdin.write_all(event.as_bytes()).unwrap();
        }
    });
    // Whole every time: all that was acknowledged before, in order, and nothing torn.
    let (mut runs, mut acknowledged, mut seen) = (0, 0, 0);
    let (mut parts, mut after) = (Vec::new(), None::<String>);
    while seen < EVENTS {
        if acknowledged < EVENTS {
            acknowledged += writing.lines(50).lines().count();
        }
        let whole = ids(&ok(&read(&daemon, &["--all"])));
        seen = whole.len();
        assert!(seen >= acknowledged, "{seen} of {acknowledged}");
        assert_eq!(whole, (1..=seen).collect::<Vec<_>>());
        runs += 1;

        let bookmark = after.as_deref().map(|after| ["--after", after]);
        let part = read(
            &daemon,
            bookmark.as_ref().map_or(&["--all"][..], |part| part),
        );
        parts.extend(ids(&ok(&part)));
        let said = err(&part);
        after = said
            .split("--after ")
            .nth(1)
            .map(|text| text.trim().to_owned());
    }
    assert!(runs > 2, "it was read while it was written");
    let rest = read(&daemon, &["--after", after.as_deref().unwrap()]);
    parts.extend(ids(&ok(&rest)));
    assert_eq!(parts, (1..=EVENTS).collect::<Vec<_>>(), "in parts");
    feeding.join().unwrap();
    let (code, _, said) = writing.end();
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn what_a_journal_has_no_sequences_for_is_said_to_who_asks() {
    let daemon = Daemon::alone();
    let dir = daemon.data().display().to_string();
    for command in [
        &["replay", "--dir", &dir, "--since", "seq:3"][..],
        &["subscribe", ">", "--dir", &dir, "--since", "seq:3"],
    ] {
        let output = bare(command).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let said = err(&output);
        assert!(
            said.contains("a journal has no sequences") && said.contains("--after POSITION"),
            "{said}"
        );
        assert!(!said.contains("--stream"), "{said}");
    }
}

const EVENTS: usize = 2_000;
