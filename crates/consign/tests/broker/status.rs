use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::rig::{Rig, bare, err, ok, out};

#[test]
fn a_broker_alone_is_told_with_what_its_streams_hold() {
    let rig = Rig::start();
    ok(&rig.consign(&["stream", "ensure"]));
    rig.store("consign.events.acme.a", 2);
    let said = ok(&rig.consign(&["status"]));
    assert!(said.starts_with("SERVER    nats://127.0.0.1:"), "{said}");
    assert!(said.contains("jetstream yes"), "{said}");
    assert!(
        said.contains("\nSTREAM ") && said.contains("CONSIGN_MCPGW"),
        "{said}"
    );

    // That a supervisor is away counts where nobody asked for the broker alone.
    let url = rig.server.url();
    let settings = |arguments: &[&str]| {
        let mut command = bare(arguments);
        command
            .env("NATS_URL", &url)
            .env("CONSIGN_HTTP_ADDR", "127.0.0.1:1");
        command.output().unwrap()
    };
    let alone = settings(&["status"]);
    assert_eq!(alone.status.code(), Some(1), "{alone:?}");
    assert!(err(&alone).contains("reach a supervisor"), "{alone:?}");
    assert!(out(&alone).contains("CONSIGN_MCPGW"), "{alone:?}");
    let named = settings(&["status", "--url", "http://127.0.0.1:1"]);
    assert_eq!(named.status.code(), Some(69), "{named:?}");
    let document = settings(&["status", "-o", "json"]);
    let document: serde_json::Value = serde_json::from_str(&out(&document)).unwrap();
    assert_eq!(document["broker"]["jetstream"], true);
    assert_eq!(document["broker"]["streams"].as_array().unwrap().len(), 6);
}

#[test]
fn a_stream_that_is_missing_is_a_fault() {
    let rig = Rig::start();
    ok(&rig.consign(&["stream", "ensure"]));
    let js = rig.jetstream();
    rig.runtime
        .block_on(async { js.delete_stream("CONSIGN_MCPGW").await.unwrap() });
    let said = rig.consign(&["status"]);
    assert_eq!(said.status.code(), Some(1), "{said:?}");
    assert!(
        err(&said).contains("stream CONSIGN_MCPGW is missing"),
        "{said:?}"
    );
}

#[test]
fn the_walk_goes_on_after_a_purge_and_after_the_brokers_end() {
    let mut rig = Rig::start();
    ok(&rig.consign(&["stream", "ensure"]));
    rig.store("consign.events.acme.a", 2);
    ok(&rig.consign(&["purge", "CONSIGN_EVENTS", "-f"]));
    ok(&rig.consign(&["status"]));
    let events = |list: serde_json::Value| {
        let items = list["items"].as_array().unwrap().clone();
        items
            .into_iter()
            .find(|item| item["name"] == "CONSIGN_EVENTS")
            .unwrap()
    };
    let after = events(rig.json(&["streams", "--format", "json"]));
    assert_eq!(
        (&after["messages"], &after["last_sequence"]),
        (&0.into(), &2.into())
    );

    rig.runtime.block_on(rig.server.kill()).unwrap();
    for arguments in [
        &["status"][..],
        &["streams", "--format", "json"],
        &["doctor"],
    ] {
        let away = rig.consign(arguments);
        assert_eq!(away.status.code(), Some(69), "{arguments:?} {away:?}");
    }
    rig.runtime.block_on(rig.server.restart()).unwrap();
    // What was in memory alone is gone, and one command brings it back.
    let forgotten = rig.consign(&["status"]);
    assert_eq!(forgotten.status.code(), Some(1), "{forgotten:?}");
    assert!(err(&forgotten).contains("stream CONSIGN_MCP is missing"));
    ok(&rig.consign(&["stream", "ensure"]));
    ok(&rig.consign(&["status"]));
    assert_eq!(events(rig.json(&["streams", "--format", "json"])), after);
}

#[test]
fn watching_prints_a_block_each_time_and_ends_on_ctrl_c() {
    let rig = Rig::start();
    ok(&rig.consign(&["stream", "ensure"]));
    let url = rig.server.url();
    let mut child = bare(&["status", "--watch", "--interval", "100ms", "-s", &url])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for _ in 0..3 {
        assert!(lines.any(|line| line.unwrap().starts_with("AT ")));
        assert!(lines.any(|line| line.unwrap().starts_with("CONSIGN_EVENTS")));
    }
    let killed = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    drop(lines);
}
