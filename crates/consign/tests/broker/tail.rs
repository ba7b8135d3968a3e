//! The live tail of a supervisor.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::daemon::Daemon;
use crate::rig::{Rig, bare};
use crate::running::Running;

/// A `consign subscribe` through this supervisor, which watches already.
fn watch(daemon: &Daemon, arguments: &[&str]) -> Running {
    let url = daemon.url();
    let mut running = Running::start(bare(&[&["subscribe", "--url", &url], arguments].concat()));
    running.wait_for("watching ");
    running
}

/// Stores events of these types, whose ids are their types' first letters and numbers.
fn store(rig: &Rig, kinds: &[&str], numbers: std::ops::Range<usize>) {
    let js = rig.jetstream();
    rig.runtime.block_on(async {
        for number in numbers {
            for kind in kinds {
                let event = format!(
                    r#"{{"specversion":"1.0","id":"{kind}-{number}","source":"/s","type":"{kind}","tenantid":"acme"}}"#
                );
                let subject = match kind.strip_prefix("audit.") {
                    Some(rest) => format!("consign.audit.acme.{rest}"),
                    None => format!("consign.events.acme.{kind}"),
                };
                js.publish(subject, event.into()).await.unwrap().await.unwrap();
            }
        }
    });
}

const TEMPLATE: [&str; 2] = ["--template", "{id}"];

#[test]
fn several_subjects_are_filtered_each() {
    let rig = Rig::with_streams();
    let daemon = Daemon::start(&rig.server.url());
    let subjects = ["consign.audit.>", "consign.events.*.wanted"];
    let running = watch(
        &daemon,
        &[&subjects[..], &TEMPLATE, &["--since", "1h", "--count", "4"]].concat(),
    );
    store(&rig, &["other", "wanted", "audit.made"], 0..2);
    let (code, printed, said) = running.end();
    assert_eq!(code, Some(0), "{said}");
    let mut ids: Vec<_> = printed.lines().collect();
    ids.sort_unstable();
    assert_eq!(
        ids,
        ["audit.made-0", "audit.made-1", "wanted-0", "wanted-1"]
    );
}

#[test]
fn a_supervisor_that_crashes_in_between_costs_no_event_and_doubles_none() {
    let rig = Rig::with_streams();
    let mut daemon = Daemon::start(&rig.server.url());
    let both = ["audit.made", "a"];
    let mut running = watch(
        &daemon,
        &[
            &["consign.>"][..],
            &TEMPLATE,
            &["--since", "1h", "--count", "60"],
        ]
        .concat(),
    );
    store(&rig, &both, 0..10);
    let mut seen = running.lines(20);
    daemon.crash();
    store(&rig, &both, 10..20);
    daemon.start_again();
    store(&rig, &both, 20..30);
    let (code, printed, said) = running.end();
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains("gap: "), "{said}");
    for told in ["the supervisor is gone", "the supervisor is back"] {
        assert_eq!(said.matches(told).count(), 1, "{told}: {said}");
    }
    seen.push_str(&printed);
    for kind in both {
        let ids: Vec<_> = seen
            .lines()
            .filter(|id| id.starts_with(&format!("{kind}-")))
            .collect();
        let all: Vec<_> = (0..30).map(|number| format!("{kind}-{number}")).collect();
        assert_eq!(ids, all);
    }
}

#[test]
fn what_other_streams_tell_again_is_known_where_the_last_event_is_gone() {
    let rig = Rig::with_streams();
    let mut daemon = Daemon::start(&rig.server.url());
    let all = ["consign.>", "--since", "1h", "--count", "7"];
    let mut running = watch(&daemon, &[&all[..], &TEMPLATE].concat());
    store(&rig, &["audit.made"], 0..3);
    let mut seen = running.lines(3);
    store(&rig, &["a"], 0..1);
    seen.push_str(&running.lines(1));
    daemon.crash();
    store(&rig, &["a"], 1..2);
    let js = rig.jetstream();
    rig.runtime.block_on(async {
        let stream = js.get_stream("CONSIGN_EVENTS").await.unwrap();
        stream.purge().await.unwrap();
    });
    store(&rig, &["a"], 2..3);
    daemon.start_again();
    store(&rig, &["audit.made"], 3..5);
    let (code, printed, said) = running.end();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("missed"), "{said}");
    seen.push_str(&printed);
    let mut ids: Vec<_> = seen.lines().collect();
    ids.sort_unstable();
    let each = [
        "a-0",
        "a-2",
        "audit.made-0",
        "audit.made-1",
        "audit.made-2",
        "audit.made-3",
        "audit.made-4",
    ];
    assert_eq!(ids, each);
}

#[test]
fn a_supervisor_that_crashes_before_anything_came_costs_no_event() {
    let rig = Rig::with_streams();
    let mut daemon = Daemon::start(&rig.server.url());
    store(&rig, &["a"], 0..1);
    let running = watch(
        &daemon,
        &[&["consign.>"][..], &TEMPLATE, &["--count", "2"]].concat(),
    );
    daemon.crash();
    store(&rig, &["a"], 1..2);
    daemon.start_again();
    store(&rig, &["a"], 2..3);
    let (code, printed, said) = running.end();
    assert_eq!((code, printed.as_str()), (Some(0), "a-1\na-2\n"), "{said}");
}

#[test]
fn the_newest_through_a_supervisor_and_then_what_comes() {
    let rig = Rig::with_streams();
    let daemon = Daemon::start(&rig.server.url());
    store(&rig, &["a"], 0..3);
    let last = ["consign.>", "--last", "2", "--count", "3"];
    let mut running = watch(&daemon, &[&last[..], &TEMPLATE].concat());
    let mut seen = running.lines(2);
    store(&rig, &["a"], 3..4);
    seen.push_str(&running.end().1);
    assert_eq!(seen, "a-1\na-2\na-3\n");
}

#[test]
fn while_the_broker_is_away_what_is_spilled_is_shown_as_such() {
    let mut rig = Rig::with_streams();
    let daemon = Daemon::start(&rig.server.url());
    let one = [&["consign.>"][..], &TEMPLATE, &["--count", "1"]].concat();
    let mut people = watch(&daemon, &one);
    let programs = watch(&daemon, &["consign.>", "-o", "json", "--count", "1"]);
    rig.runtime.block_on(rig.server.kill()).unwrap();
    people.wait_for("the broker is away");
    post(&daemon, "7");
    assert_eq!(people.lines(1), "7  SPILLED\n");
    rig.runtime.block_on(rig.server.restart()).unwrap();
    let (code, printed, said) = people.end();
    assert_eq!((code, printed.as_str()), (Some(0), "7\n"), "{said}");
    assert_eq!(said.matches("the broker is back").count(), 1, "{said}");
    let (code, printed, said) = programs.end();
    assert_eq!(code, Some(0), "{said}");
    let printed: Vec<_> = printed.lines().collect();
    assert!(
        matches!(printed.as_slice(), [line] if line.contains(r#""id":"7""#)),
        "{printed:?}"
    );
}

/// Hands an event of this id to the supervisor, who spills it.
fn post(daemon: &Daemon, id: &str) {
    let event = format!(r#"{{"specversion":"1.0","id":"{id}","source":"/s","type":"a"}}"#);
    let mut stream = TcpStream::connect(daemon.addr).unwrap();
    let head = "POST /v1/events HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
                content-type: application/cloudevents+json\r\n";
    write!(
        stream,
        "{head}content-length: {}\r\n\r\n{event}",
        event.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("consign-outcome: spilled"), "{answer}");
}
