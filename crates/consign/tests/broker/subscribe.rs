use crate::rig::{Rig, bare, ok};
use crate::running::Running;

/// A `consign subscribe` that watches already.
fn watch(rig: &Rig, arguments: &[&str]) -> Running {
    let url = rig.server.url();
    let arguments = [&["subscribe"], arguments, &["--server", &url]].concat();
    let mut running = Running::start(bare(&arguments));
    running.wait_for("watching ");
    running
}

#[test]
fn events_are_shown_as_they_come_with_what_is_no_event_and_counted() {
    let rig = Rig::with_streams();
    let watching = watch(
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
    let mut watching = watch(
        &rig,
        &[">", "--stream", "CONSIGN_EVENTS", "--all", "-o", "json"],
    );
    let line = watching.lines(1);
    assert!(line.starts_with("{\"specversion\""), "{line}");
    watching.signal("-INT");
    let (code, _, said) = watching.end();
    assert_eq!(code, Some(130), "{said}");
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
    let watching = watch(&rig, &all);
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
        let (code, printed, said) = watch(&rig, &arguments.concat()).end();
        assert_eq!((code, printed.trim()), (Some(0), expected), "{said}");
    }
}

#[test]
fn whoever_reads_the_streams_is_told_that_the_broker_is_away_and_back() {
    let mut rig = Rig::with_streams();
    for begin in [&["--new"][..], &["--last", "1"], &["--since", "1m"]] {
        ok(&rig.consign(&["pub", "consign.events.acme.a", "{}"]));
        let mut running = watch(&rig, &[&["consign.events.>"], begin].concat());
        rig.runtime.block_on(rig.server.kill()).unwrap();
        running.wait_for("the connection to the broker is gone");
        rig.runtime.block_on(rig.server.restart()).unwrap();
        running.wait_for("the connection to the broker is back");
        running.signal("-INT");
        assert_eq!(running.end().0, Some(130), "{begin:?}");
    }
}
