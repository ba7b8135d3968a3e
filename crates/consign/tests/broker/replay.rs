use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

use serde_json::Value;

use crate::rig::{Rig, bare, err, ok, out};
use crate::signed::{produce, seed, shared_key};

#[test]
fn the_newest_a_range_and_what_is_behind_a_bookmark() {
    let rig = Rig::with_streams();
    let lines = seed(&rig, 250);
    let read = |arguments: &[&str]| {
        let output = rig.consign(&[&["replay", "-o", "json"], arguments].concat());
        let read: Vec<String> = ok(&output).lines().map(str::to_owned).collect();
        (read, err(&output))
    };
    let (newest, _) = read(&["--limit", "3"]);
    assert_eq!(newest, lines[247..]);
    let (usual, said) = read(&[]);
    assert_eq!(usual, lines[150..]);
    assert!(said.contains("the newest 100 alone"), "{said}");
    let (all, said) = read(&["--all", "--subject", "consign.audit.>"]);
    assert_eq!(all, lines);
    assert!(said.contains("--after CONSIGN_AUDIT:250"), "{said}");
    let (since, _) = read(&["--start-time", "1h", "--until", "2999-01-01T00:00:00Z"]);
    assert_eq!(since, lines);
    let (none, _) = read(&["--since", "2999-01-01T00:00:00Z"]);
    assert!(none.is_empty());
    let (from, _) = read(&["--stream", "CONSIGN_AUDIT", "--since", "seq:249"]);
    assert_eq!(from, lines[248..]);

    // In parts, each behind the one before, nothing twice and nothing missing.
    let (mut whole, said) = read(&["--all", "--limit", "100"]);
    let bookmark = |said: &str| said.rsplit("--after ").next().unwrap().trim().to_owned();
    let (rest, _) = read(&["--after", &bookmark(&said)]);
    whole.extend(rest);
    assert_eq!(whole, lines);
}

#[test]
fn what_is_purged_is_told_and_exits_3() {
    let rig = Rig::with_streams();
    let js = rig.jetstream();
    rig.runtime.block_on(async {
        for number in 0..10 {
            let event =
                format!(r#"{{"specversion":"1.0","id":"{number}","source":"/s","type":"a"}}"#);
            let ack = js
                .publish("consign.events.acme.a", event.into())
                .await
                .unwrap();
            ack.await.unwrap();
        }
        let stream = js.get_stream("CONSIGN_EVENTS").await.unwrap();
        stream.delete_message(4).await.unwrap();
        stream.delete_message(5).await.unwrap();
    });
    let output = rig.consign(&[
        "replay",
        "--stream",
        "CONSIGN_EVENTS",
        "--all",
        "-o",
        "name",
    ]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert_eq!(out(&output).lines().count(), 8);
    assert!(
        err(&output).contains("gap: CONSIGN_EVENTS:4-5 is gone"),
        "{}",
        err(&output)
    );
}

#[test]
fn a_hundred_thousand_events_are_replayed_and_verified() {
    let rig = Rig::with_streams();
    let key = shared_key(&rig);
    let stored: usize = thread::scope(|scope| {
        let parts = [0..50_000, 50_000..100_000].map(|part| {
            let key = Arc::clone(&key);
            let rig = &rig;
            scope.spawn(move || produce(rig, key, part).len())
        });
        parts.into_iter().map(|part| part.join().unwrap()).sum()
    });
    assert_eq!(stored, 100_000);
    let url = rig.server.url();
    let read = [
        "replay",
        "--subject",
        "consign.audit.>",
        "--all",
        "-o",
        "json",
        "--server",
        &url,
    ];
    // Counted meanwhile by a reader that shares nothing with ours.
    let python = Command::new(python())
        .args(["-c", READER, &url])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut replay = bare(&read)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let keys = rig.keys();
    let verify = bare(&[
        "verify",
        "-",
        "-o",
        "json",
        "--keys",
        keys.to_str().unwrap(),
    ])
    .stdin(replay.stdout.take().unwrap())
    .output()
    .unwrap();
    assert!(replay.wait().unwrap().success());
    let report: Value = serde_json::from_str(&ok(&verify)).unwrap();
    assert_eq!(report["verified"], 100_000, "{report}");

    let python = python.wait_with_output().unwrap();
    assert!(python.status.success(), "{python:?}");
    let counted: Value = serde_json::from_slice(&python.stdout).unwrap();
    assert_eq!(counted["messages"], 100_000);
    assert_eq!(counted["distinct"], 100_000);
}

fn python() -> String {
    let named = std::env::vars().find(|(name, _)| name == "CONSIGN_PYTHON");
    named.map_or_else(|| "python3".to_owned(), |(_, value)| value)
}

const READER: &str = r#"
import asyncio, json, sys, nats
async def main():
    nc = await nats.connect(sys.argv[1])
    js = nc.jetstream()
    sub = await js.subscribe("consign.audit.>", ordered_consumer=True, pending_msgs_limit=-1, pending_bytes_limit=-1)
    total = (await js.stream_info("CONSIGN_AUDIT")).state.messages
    ids = []
    while len(ids) < total:
        ids.append(json.loads((await sub.next_msg(timeout=10)).data)["id"])
    print(json.dumps({"messages": len(ids), "distinct": len(set(ids))}))
    await nc.close()
asyncio.run(main())
"#;

#[test]
fn what_is_replayed_to_a_subject_is_the_same_byte_for_byte() {
    let rig = Rig::with_streams();
    let lines = seed(&rig, 20);
    let dry = [
        "replay",
        "--subject",
        "consign.audit.>",
        "--all",
        "--to",
        "consign.events.again",
        "--dry-run",
    ];
    let said = ok(&rig.consign(&dry));
    assert!(said.contains("would hand over 20 events"), "{said}");
    let said = ok(&rig.consign(&dry[..6]));
    assert_eq!(said.trim(), "20 events stored");
    let again = ok(&rig.consign(&dry[..6]));
    assert!(again.contains("20 duplicates"), "{again}");
    let read = ok(&rig.consign(&[
        "replay",
        "--stream",
        "CONSIGN_EVENTS",
        "--all",
        "-o",
        "json",
    ]));
    assert_eq!(read.lines().collect::<Vec<_>>(), lines);
}

#[test]
fn nothing_captures_the_subject_and_other_mistakes_are_told() {
    let rig = Rig::with_streams();
    for (arguments, code, part) in [
        (
            vec!["--subject", "nowhere.>"],
            1,
            "stream for subject \"nowhere.>\" not found",
        ),
        (vec!["--since", "seq:3"], 2, "--stream NAME --since seq:N"),
        (vec!["--since", "yesterday"], 2, "an age such as 30m"),
        (vec!["--after", "x"], 2, "understand --after"),
        (vec!["--stream", "NONE", "--all"], 1, "find the stream NONE"),
        (vec!["--to", "a.b"], 2, "say what to hand over again"),
        (vec!["--to", "a.*", "--all"], 2, "understand --to"),
        (vec!["--dir", "/nowhere"], 1, "read a journal in /nowhere"),
    ] {
        let output = rig.consign(&[&["replay"], &arguments[..]].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {output:?}");
        assert!(err(&output).contains(part), "{part}: {}", err(&output));
    }
}

/// A command that cannot help is not what to try.
#[test]
fn only_what_is_declared_is_to_be_made() {
    let rig = Rig::start();
    for (arguments, makes) in [
        (&["replay", "--subject", "orders.>"][..], false),
        (&["replay", "--stream", "NOPE"], false),
        (&["stream", "ls", "--subject", "orders.>"], false),
        (&["replay", "--subject", "consign.audit.>"], true),
        (&["replay", "--stream", "CONSIGN_AUDIT"], true),
    ] {
        let output = rig.consign(arguments);
        let said = err(&output);
        let next = said.lines().find(|line| line.starts_with("try: ")).unwrap();
        assert_eq!(
            next.contains("stream ensure"),
            makes,
            "{arguments:?} {said}"
        );
        assert_eq!(next.contains("stream ls"), !makes, "{arguments:?} {said}");
    }
}
