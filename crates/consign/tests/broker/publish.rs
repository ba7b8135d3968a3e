use serde_json::Value;

use crate::rig::{Rig, err, ok, out};

/// What a stream holds at a sequence: subject, message id and payload.
fn stored(rig: &Rig, stream: &str, sequence: u64) -> (String, String, Vec<u8>) {
    let js = rig.jetstream();
    rig.runtime.block_on(async {
        let stream = js.get_stream(stream).await.unwrap();
        let message = stream.get_raw_message(sequence).await.unwrap();
        let id = message.headers.get("Nats-Msg-Id");
        let id = id.map_or_else(String::new, ToString::to_string);
        (message.subject.to_string(), id, message.payload.to_vec())
    })
}

#[test]
fn plain_json_becomes_an_event_that_the_stream_acknowledged() {
    let rig = Rig::with_streams();
    let subject = "consign.events.acme.run.started";
    let publish = [
        "publish",
        subject,
        r#"{"n": 1.10}"#,
        "--id",
        "1",
        "--ext",
        "runid=r1",
    ];
    let said = ok(&rig.consign(&publish));
    assert!(said.starts_with("stored     CONSIGN_EVENTS:1  "), "{said}");

    let (at, message_id, payload) = stored(&rig, "CONSIGN_EVENTS", 1);
    assert_eq!(at, subject);
    let event: Value = serde_json::from_slice(&payload).unwrap();
    for (name, value) in [
        ("specversion", "1.0"),
        ("type", "run.started"),
        ("tenantid", "acme"),
        ("runid", "r1"),
        ("id", "1"),
    ] {
        assert_eq!(event[name], value, "{name} in {event}");
    }
    assert!(
        String::from_utf8(payload)
            .unwrap()
            .contains(r#"{"n": 1.10}"#)
    );
    assert_eq!(message_id.len(), 32);

    let again = ok(&rig.consign(&["pub", subject, "{}", "--id", "1", "-o", "json"]));
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!(
        (&again["duplicate"], &again["sequence"]),
        (&true.into(), &1.into())
    );
}

#[test]
fn a_subject_that_no_stream_captures_is_an_error_with_what_to_type() {
    let rig = Rig::with_streams();
    let output = rig.consign(&["publish", "consing.events.a.b", "{}"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = err(&output);
    assert!(
        said.starts_with("error: stream for subject \"consing.events.a.b\" not found\ncause: no JetStream stream captures it on nats://"),
        "{said}"
    );
    assert!(said.contains("\ntry: consign stream "), "{said}");
    assert!(out(&output).is_empty());
}

#[test]
fn what_is_too_large_what_is_no_json_and_what_breaks_rules_are_refused_by_name() {
    let rig = Rig::with_streams();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("large.json");
    std::fs::write(&file, format!("\"{}\"", "x".repeat(2 << 20))).unwrap();
    let file = format!("@{}", file.display());
    let subject = "consign.events.acme.a";
    for (arguments, part) in [
        (vec![file.as_str()], "larger than nats://"),
        (vec!["{"], "the data is no JSON"),
        (vec!["{}", "--source", ""], "source must"),
        (vec!["{}", "--ext", "Bad_Name=1"], "must"),
        (vec![r#"{"specversion":"1.0","id":"1"}"#], "type is missing"),
    ] {
        let output = rig.consign(&[&["publish", subject], &arguments[..]].concat());
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(err(&output).contains(part), "{part}: {}", err(&output));
    }
    let js = rig.jetstream();
    let held = rig.runtime.block_on(async {
        let mut stream = js.get_stream("CONSIGN_EVENTS").await.unwrap();
        stream.info().await.unwrap().state.messages
    });
    assert_eq!(held, 0);
}

#[test]
fn lines_are_published_in_order_and_a_refused_one_harms_no_other() {
    let rig = Rig::with_streams();
    let mut input = String::new();
    for number in 1..=600 {
        input.push_str(&match number {
            300 => "{\"specversion\":\"1.0\",\"id\":\"\"}\n".to_owned(),
            301 => "no json\n".to_owned(),
            _ => format!(
                "{{\"specversion\":\"1.0\",\"id\":\"{number}\",\"source\":\"/s\",\"type\":\"a.b\",\"tenantid\":\"acme\"}}\n"
            ),
        });
    }
    let output = rig.fed(&["publish", "-", "-o", "name"], &input);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let expected: Vec<String> = (1..=598).map(|n| format!("CONSIGN_EVENTS:{n}")).collect();
    assert_eq!(out(&output).lines().collect::<Vec<_>>(), expected);
    let said = err(&output);
    assert!(
        said.contains("line 300: error: ") && said.contains("line 301: error: "),
        "{said}"
    );
    assert!(said.contains("598 events stored, 2 refused"), "{said}");
    let (subject, _, payload) = stored(&rig, "CONSIGN_EVENTS", 300);
    assert_eq!(subject, "consign.events.acme.a.b");
    let own: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(own["id"], "302");
}

#[test]
fn binary_mode_raw_bytes_headers_and_counts() {
    let rig = Rig::with_streams();
    let subject = "consign.events.acme.a.b";
    ok(&rig.consign(&[
        "pub",
        subject,
        "{\"n\":1}",
        "--binary",
        "--id",
        "7",
        "-H",
        "X-A: b",
    ]));
    ok(&rig.consign(&["pub", subject, "no json at all", "--raw"]));
    ok(&rig.consign(&["pub", subject, "--count", "3"]));
    let js = rig.jetstream();
    let (first, count) = rig.runtime.block_on(async {
        let mut stream = js.get_stream("CONSIGN_EVENTS").await.unwrap();
        let first = stream.get_raw_message(1).await.unwrap();
        (first, stream.info().await.unwrap().state.messages)
    });
    assert_eq!(count, 5);
    let header = |name: &str| first.headers.get(name).map(ToString::to_string);
    assert_eq!(header("ce-id").as_deref(), Some("7"));
    assert_eq!(header("ce-type").as_deref(), Some("a.b"));
    assert_eq!(header("X-A").as_deref(), Some("b"));
    assert_eq!(&first.payload[..], b"{\"n\":1}");
    assert_eq!(stored(&rig, "CONSIGN_EVENTS", 2).2, b"no json at all");
    // An event in binary mode is an event for those who read it.
    let read = ok(&rig.consign(&["replay", "--limit", "5", "-o", "name"]));
    assert_eq!(read.lines().count(), 5);
    let table = ok(&rig.consign(&["replay", "--limit", "5"]));
    assert!(table.lines().next().unwrap().contains("  a.b "), "{table}");
    assert!(
        table.lines().nth(1).unwrap().contains("  no event "),
        "{table}"
    );
}
