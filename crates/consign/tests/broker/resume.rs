//! Replays that break off in the middle, and are gone on with.

use std::collections::HashMap;
use std::process::Output;

use async_nats::jetstream::stream::{Config, DiscardPolicy};
use sink_testkit::nats::NatsServer;

use crate::daemon::Daemon;
use crate::rig::{Rig, bare, err, ok, out};
use crate::running::Running;

/// Events of one subject, whose ids count from 1.
fn fill(rig: &Rig, count: usize) {
    let js = rig.jetstream();
    let data = "x".repeat(512);
    rig.runtime.block_on(async {
        let mut acks = Vec::with_capacity(count);
        for id in 1..=count {
            let event = format!(
                r#"{{"specversion":"1.0","id":"{id}","source":"/s","type":"a","tenantid":"acme","data":"{data}"}}"#
            );
            acks.push(js.publish("consign.events.acme.a", event.into()).await.unwrap());
        }
        for ack in acks {
            ack.await.unwrap();
        }
    });
}

fn ids(lines: &str) -> Vec<usize> {
    let id = |line: &str| {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        let id = event.get("id").unwrap();
        id.as_str().unwrap().parse().unwrap()
    };
    lines.lines().map(id).collect()
}

/// What `--after` takes, as the run said it last.
fn bookmark(said: &str) -> String {
    let text = said.rsplit("--after ").next().unwrap();
    text.split_whitespace().next().unwrap().to_owned()
}

#[test]
fn a_broker_killed_in_the_middle_is_an_error_that_says_how_to_go_on() {
    let mut rig = Rig::with_streams();
    fill(&rig, 3_000);
    let url = rig.server.url();
    let read = [
        "replay",
        "--stream",
        "CONSIGN_EVENTS",
        "-o",
        "json",
        "--server",
        &url,
    ];
    let paced = [&read[..], &["--all", "--rate", "1500"]].concat();
    let mut running = Running::start(bare(&paced));
    let mut whole = running.lines(50);
    rig.runtime.block_on(rig.server.kill()).unwrap();
    let (code, printed, said) = running.end();
    assert!(matches!(code, Some(1 | 69)), "{code:?} {said}");
    assert!(
        said.contains("broken off: ") && said.contains("\ntry: "),
        "{said}"
    );
    whole.push_str(&printed);
    let before = ids(&whole).len();
    assert!(before < 3_000);

    rig.runtime.block_on(rig.server.restart()).unwrap();
    let mut rest = bare(&[&read[..], &["--after", &bookmark(&said)]].concat());
    whole.push_str(&ok(&rest.output().unwrap()));
    assert_eq!(ids(&whole), (1..=3_000).collect::<Vec<_>>(), "{before}");
}

#[test]
fn a_purge_in_the_middle_is_a_gap_and_nothing_else_is_missing() {
    let rig = Rig::with_streams();
    fill(&rig, 3_000);
    let url = rig.server.url();
    let read = [
        "replay",
        "--stream",
        "CONSIGN_EVENTS",
        "-o",
        "json",
        "--server",
        &url,
    ];
    let mut running = Running::start(bare(&[&read[..], &["--all", "--rate", "500"]].concat()));
    let mut whole = running.lines(50);
    let js = rig.jetstream();
    rig.runtime.block_on(async {
        let stream = js.get_stream("CONSIGN_EVENTS").await.unwrap();
        stream.purge().sequence(2_901).await.unwrap();
    });
    let (code, printed, said) = running.end();
    assert_eq!(code, Some(3), "{said}");
    whole.push_str(&printed);
    let read = ids(&whole);
    // What was on its way before the purge came; then a gap that is told; then the rest.
    let last = read.iter().position(|id| *id == 2_901).unwrap();
    assert_eq!(read[..last], (1..=last).collect::<Vec<_>>());
    assert_eq!(read[last..], (2_901..=3_000).collect::<Vec<_>>());
    let gap = format!("gap: CONSIGN_EVENTS:{}-2900 is gone", last + 1);
    assert!(said.contains(&gap), "{gap}: {said}");
}

/// What `--to` left in the stream AGAIN: message ids and payloads.
fn again(rig: &Rig, server: &NatsServer) -> Vec<(String, Vec<u8>)> {
    rig.runtime.block_on(async {
        let client = async_nats::connect(server.url()).await.unwrap();
        let js = async_nats::jetstream::new(client);
        let mut stream = js.get_stream("AGAIN").await.unwrap();
        let last = stream.info().await.unwrap().state.last_sequence;
        let mut found = Vec::new();
        for sequence in 1..=last {
            let message = stream.get_raw_message(sequence).await.unwrap();
            let id = message.headers.get("Nats-Msg-Id").unwrap().to_string();
            found.push((id, message.payload.to_vec()));
        }
        found
    })
}

#[test]
fn what_is_not_acknowledged_is_not_counted_and_the_next_run_hands_it_over() {
    let rig = Rig::with_streams();
    fill(&rig, 1_000);
    let js = rig.jetstream();
    let full = Config {
        name: "AGAIN".to_owned(),
        subjects: vec!["again".to_owned()],
        max_messages: 700,
        discard: DiscardPolicy::New,
        ..Config::default()
    };
    rig.runtime
        .block_on(async { js.create_stream(full.clone()).await.unwrap() });
    let to = ["replay", "--stream", "CONSIGN_EVENTS", "--to", "again"];
    let broke: Output = rig.consign(&[&to[..], &["--all"]].concat());
    assert_eq!(broke.status.code(), Some(1), "{broke:?}");
    let told = out(&broke);
    assert!(
        told.starts_with("700 events stored, ") && told.ends_with(" refused\n"),
        "{told}"
    );
    let said = err(&broke);
    assert_eq!(bookmark(&said), "CONSIGN_EVENTS:700", "{said}");

    let room = Config {
        max_messages: -1,
        ..full
    };
    rig.runtime
        .block_on(async { js.update_stream(room).await.unwrap() });
    let rest = rig.consign(&[&to[..], &["--after", &bookmark(&said)]].concat());
    assert_eq!(ok(&rest).trim(), "300 events stored");
    let stored = again(&rig, &rig.server);
    assert_eq!(stored.len(), 1_000);
    let lines = ok(&rig.consign(&[
        "replay",
        "--stream",
        "CONSIGN_EVENTS",
        "--all",
        "-o",
        "json",
    ]));
    let mut seen = HashMap::new();
    for ((id, payload), line) in stored.iter().zip(lines.lines()) {
        assert_eq!(payload, line.as_bytes());
        assert_eq!(seen.insert(id, line), None, "{id} twice");
    }
}

#[test]
fn a_broker_killed_while_events_are_handed_over_loses_and_doubles_none() {
    let mut rig = Rig::with_streams();
    let js = rig.jetstream();
    let target = Config {
        name: "AGAIN".to_owned(),
        subjects: vec!["again".to_owned()],
        ..Config::default()
    };
    rig.runtime
        .block_on(async { js.create_stream(target).await.unwrap() });
    fill(&rig, 2_000);
    let url = rig.server.url();
    let to = [
        "replay",
        "--stream",
        "CONSIGN_EVENTS",
        "--to",
        "again",
        "--server",
        &url,
    ];
    let running = Running::start(bare(&[&to[..], &["--all", "--rate", "1000"]].concat()));
    rig.runtime.block_on(async {
        let mut stream = js.get_stream("AGAIN").await.unwrap();
        while stream.info().await.unwrap().state.messages < 100 {}
    });
    rig.runtime.block_on(rig.server.kill()).unwrap();
    let (code, printed, said) = running.end();
    assert!(matches!(code, Some(1 | 69)), "{code:?} {said}");
    let counted: u64 = printed.split(' ').next().unwrap().parse().unwrap();
    let after = bookmark(&said);
    assert_eq!(after, format!("CONSIGN_EVENTS:{counted}"), "{said}");

    rig.runtime.block_on(rig.server.restart()).unwrap();
    ok(&bare(&[&to[..], &["--after", &after]].concat())
        .output()
        .unwrap());
    let mut stored: Vec<_> = again(&rig, &rig.server)
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    assert_eq!(stored.len(), 2_000);
    stored.sort();
    stored.dedup();
    assert_eq!(stored.len(), 2_000);
}

#[test]
fn a_supervisor_that_dies_while_events_are_handed_over_loses_and_doubles_none() {
    let (from, to) = (Rig::with_streams(), Rig::with_streams());
    fill(&from, 1_500);
    let mut daemon = Daemon::start(&to.server.url());
    let (url, server) = (daemon.url(), from.server.url());
    let replay = ["replay", "--stream", "CONSIGN_EVENTS", "--to", &url];
    let command = [&replay[..], &["--server", &server]].concat();
    let paced = ["--all", "--rate", "1000"];
    let running = Running::start(bare(&[&command[..], &paced].concat()));
    while to.held("CONSIGN_EVENTS") < 400 {}
    daemon.crash();
    let (code, printed, said) = running.end();
    assert_eq!(code, Some(69), "{said}");
    let counted: usize = printed.split(' ').next().unwrap().parse().unwrap();
    assert!(
        counted >= 200 && printed.contains(" UNKNOWN: "),
        "{printed}"
    );
    let after = bookmark(&said);
    assert_eq!(after, format!("CONSIGN_EVENTS:{counted}"), "{said}");
    assert!(to.held("CONSIGN_EVENTS") >= counted as u64);

    daemon.start_again();
    let rest = bare(&[&command[..], &["--after", &after, "-o", "json"]].concat());
    let rest = ok(&{ rest }.output().unwrap());
    let rest: serde_json::Value = serde_json::from_str(&rest).unwrap();
    let told = |what: &str| rest[what].as_u64().unwrap();
    let whole = counted as u64 + told("stored") + told("duplicates");
    assert_eq!((whole, &rest["unknown"]), (1_500, &0.into()), "{rest}");
    let read = [
        "replay",
        "--stream",
        "CONSIGN_EVENTS",
        "--all",
        "-o",
        "json",
    ];
    let mut stored = ids(&ok(&to.consign(&read)));
    stored.sort_unstable();
    assert_eq!(stored, (1..=1_500).collect::<Vec<_>>());
}

#[test]
fn a_rehearsal_is_a_document_for_programs() {
    let rig = Rig::with_streams();
    fill(&rig, 3);
    let raw = ["pub", "consign.events.acme.a", "no event", "--raw"];
    ok(&rig.consign(&raw));
    let dry = [
        "replay",
        "--all",
        "--to",
        "again",
        "--dry-run",
        "-o",
        "json",
    ];
    let output = rig.consign(&dry);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let mut told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(told["bytes"].take().as_u64().unwrap() > 3 * 512, "{told}");
    let expected = serde_json::json!({
        "kind": "Replay", "dry_run": true, "to": "again", "events": 3, "bytes": null, "others": 1,
    });
    assert_eq!(told, expected);
}
