//! A subscription whose reader stops reading.

use std::time::{Duration, Instant};

use crate::rig::{Rig, bare, ok};
use crate::running::Running;

/// More than a pipe holds, and less than what is kept in hand.
const EVENTS: usize = 200;

/// A `consign subscribe` of what a stream holds, and nobody reads what it prints.
fn unread(rig: &Rig, arguments: &[&str]) -> Running {
    let url = rig.server.url();
    let read = ["subscribe", "consign.>", "-o", "json", "--server", &url];
    Running::start(bare(&[&read[..], arguments].concat()))
}

fn filled() -> Rig {
    let rig = Rig::with_streams();
    fill(&rig);
    rig
}

fn fill(rig: &Rig) {
    let data = format!("\"{}\"", "x".repeat(2048));
    let count = EVENTS.to_string();
    ok(&rig.consign(&["pub", "consign.events.acme.a", &data, "--count", &count]));
}

#[test]
fn a_reader_that_is_late_misses_nothing() {
    let rig = filled();
    let mut running = unread(&rig, &["--all", "--count", &EVENTS.to_string()]);
    running.wait_for("waiting for who reads the results");
    let (code, printed, said) = running.end();
    assert_eq!((code, printed.lines().count()), (Some(0), EVENTS), "{said}");
}

#[test]
fn an_interrupt_ends_it_wherever_it_is() {
    let rig = filled();
    let count = EVENTS.to_string();
    for (arguments, sign) in [
        // All is read, and waits for the reader.
        (&["--all", "--count", &count][..], "waiting for who reads"),
        // More may come.
        (&["--all"], "watching "),
        // It is taken as it is published, and what is not read is not shown.
        (&[], "watching "),
    ] {
        let mut running = unread(&rig, arguments);
        running.wait_for(sign);
        if arguments.is_empty() {
            fill(&rig);
        }
        let begun = Instant::now();
        running.signal("-INT");
        let code = running.ended();
        assert_eq!(code, Some(130), "{arguments:?}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{arguments:?}");
    }
}

#[test]
fn a_reader_that_never_reads_is_given_up_and_the_loss_is_an_error() {
    let rig = filled();
    let running = unread(&rig, &["--all", "--count", &EVENTS.to_string()]);
    let (code, printed, said) = running.end_unread();
    assert_eq!(code, Some(1), "{said}");
    assert!(printed.lines().count() < EVENTS);
    assert!(
        said.contains("200 events\nerror: write the last results\n"),
        "{said}"
    );
    assert!(said.contains("has stopped reading"), "{said}");
}
