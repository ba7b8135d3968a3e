use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::rig::{Rig, bare, ok};

/// A `consign subscribe` that watches already.
struct Watching {
    child: Child,
    stderr: BufReader<ChildStderr>,
}

impl Watching {
    fn start(rig: &Rig, arguments: &[&str]) -> Self {
        let url = rig.server.url();
        let mut child = bare(&[&["subscribe"], arguments].concat())
            .args(["--server", &url])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("watching ") {
            line.clear();
            assert!(stderr.read_line(&mut line).unwrap() > 0, "it ended");
        }
        Self { child, stderr }
    }

    fn interrupt(&self) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-INT", &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    /// The exit code, what it printed, and what it said.
    fn end(mut self) -> (Option<i32>, String, String) {
        let mut printed = String::new();
        self.child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut printed)
            .unwrap();
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), printed, said)
    }
}

#[test]
fn events_are_shown_as_they_come_with_what_is_no_event_and_counted() {
    let rig = Rig::with_streams();
    let watching = Watching::start(
        &rig,
        &["consign.events.>", "consign.events.acme.>", "--count", "3"],
    );
    ok(&rig.consign(&["pub", "consign.events.acme.run.started", "{}", "--id", "e1"]));
    ok(&rig.consign(&[
        "pub",
        "consign.events.acme.run.started",
        "\u{1b}[2J",
        "--raw",
    ]));
    ok(&rig.consign(&[
        "pub",
        "consign.events.acme.b",
        "{}",
        "--binary",
        "--id",
        "e2",
    ]));
    let (code, printed, said) = watching.end();
    assert_eq!(code, Some(0), "{said}");
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), 3, "{printed}");
    assert!(lines[0].contains("  consign.events.acme.run.started") && lines[0].contains("  e1"));
    assert!(
        lines[1].contains("  no event ") && !printed.contains('\u{1b}'),
        "{printed:?}"
    );
    assert!(lines[2].contains("  e2"), "{printed}");
    assert_eq!(said.trim(), "2 events, 1 other message");
}

#[test]
fn an_interrupt_ends_it_with_a_summary_and_130() {
    let rig = Rig::with_streams();
    ok(&rig.consign(&["pub", "consign.events.acme.a", "{}"]));
    let watching = Watching::start(
        &rig,
        &[">", "--stream", "CONSIGN_EVENTS", "--all", "-o", "json"],
    );
    let mut watching = watching;
    let mut line = String::new();
    let mut stdout = BufReader::new(watching.child.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    assert!(line.starts_with("{\"specversion\""), "{line}");
    watching.interrupt();
    let mut said = String::new();
    watching.stderr.read_to_string(&mut said).unwrap();
    assert_eq!(watching.child.wait().unwrap().code(), Some(130), "{said}");
    assert_eq!(said.trim(), "1 event");
}

#[test]
fn the_newest_and_then_what_comes_through_every_filter() {
    let rig = Rig::with_streams();
    for id in ["1", "2", "3"] {
        ok(&rig.consign(&[
            "pub",
            "consign.events.acme.a",
            "{\"w\":\"old\"}",
            "--id",
            id,
        ]));
    }
    ok(&rig.consign(&[
        "pub",
        "consign.audit.acme.b",
        "{\"w\":\"old\"}",
        "--id",
        "b1",
    ]));
    let all = ["consign.>", "--last", "2", "--count", "3", "-o", "name"];
    let watching = Watching::start(&rig, &all);
    ok(&rig.consign(&[
        "pub",
        "consign.events.acme.a",
        "{\"w\":\"new\"}",
        "--id",
        "4",
    ]));
    let (code, printed, said) = watching.end();
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(
        printed.lines().collect::<Vec<_>>(),
        ["CONSIGN_EVENTS:3", "CONSIGN_AUDIT:1", "CONSIGN_EVENTS:4"]
    );
    for (filter, expected) in [
        (vec!["--grep", "\"w\":\"n.w\""], "CONSIGN_EVENTS:4"),
        (vec!["--type", "audit.b"], "CONSIGN_AUDIT:1"),
        (vec!["--tenant", "acme", "--type", "a"], "CONSIGN_EVENTS:1"),
    ] {
        let arguments = [
            &["consign.>", "--since", "1h", "--count", "1", "-o", "name"],
            &filter[..],
        ];
        let (code, printed, said) = Watching::start(&rig, &arguments.concat()).end();
        assert_eq!((code, printed.trim()), (Some(0), expected), "{said}");
    }
}
