//! Signatures of events that somebody has changed.

use std::sync::Arc;

use serde_json::Value;
use sink_sign::SigningKey;

use crate::rig::{Rig, bare, err, out};
use crate::running::Running;
use crate::signed::{produce, seed};

/// Stores a line as somebody would who has changed it.
fn store(rig: &Rig, line: &str) {
    let js = rig.jetstream();
    rig.runtime.block_on(async {
        let ack = js.publish("consign.audit.acme.made", line.to_owned().into());
        ack.await.unwrap().await.unwrap();
    });
}

#[test]
fn what_is_altered_in_a_stream_is_told_event_by_event() {
    let rig = Rig::with_streams();
    let lines = seed(&rig, 2);
    let event = |line: &str| -> Value { serde_json::from_str(line).unwrap() };
    let (first, second) = (event(&lines[0]), event(&lines[1]));
    let changed = |name: &str, value: Value| {
        let mut event = first.clone();
        assert_ne!(event[name], value, "{name}");
        event[name] = value;
        store(&rig, &event.to_string());
    };
    changed("data", serde_json::json!({"n": 2}));
    changed("id", "another".into());
    changed("dssematerial", second["dssematerial"].clone());
    changed("sequence", second["sequence"].clone());
    let mut unsigned = first.clone();
    unsigned.as_object_mut().unwrap().remove("dssematerial");
    store(&rig, &unsigned.to_string());
    // By somebody else.
    produce(&rig, Arc::new(SigningKey::generate().unwrap()), 7..8);
    let expected = [
        "verified k=",
        "verified k=",
        "FAIL altered",
        "FAIL altered",
        "FAIL altered",
        "FAIL altered",
        "UNSIGNED",
        "FAIL unknown key",
    ];
    let keys = rig.keys();
    let all = expected.len().to_string();
    let verify = ["--verify", "--keys", keys.to_str().unwrap()];
    let read = ["subscribe", "consign.audit.>", "--all", "--count", &all];
    let output = rig.consign(&[&read[..], &verify].concat());
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let printed = out(&output);
    assert_eq!(printed.lines().count(), expected.len());
    for (line, verdict) in printed.lines().zip(&expected) {
        assert!(line.contains(&format!("  {verdict}")), "{verdict}: {line}");
    }
    let said = err(&output);
    assert!(
        said.ends_with("8 events, 2 verified, 1 unsigned, 5 FAILED\n"),
        "{said}"
    );

    // The two that are good alone.
    let read = ["subscribe", "consign.audit.>", "--all", "--count", "2"];
    let output = rig.consign(&[&read[..], &verify].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn what_is_altered_on_its_way_is_told_as_it_comes() {
    let rig = Rig::with_streams();
    let lines = seed(&rig, 1);
    let url = rig.server.url();
    let keys = rig.keys();
    let watch = ["subscribe", "consign.audit.>", "--count", "2", "--verify"];
    let at = ["--keys", keys.to_str().unwrap(), "--server", &url];
    let mut watching = Running::start(bare(&[&watch[..], &at].concat()));
    watching.wait_for("watching ");
    store(&rig, &lines[0]);
    store(&rig, &lines[0].replace("{\"n\":1}", "{\"n\":9}"));
    let (code, printed, said) = watching.end();
    assert_eq!(code, Some(3), "{said}");
    let verdicts: Vec<_> = printed.lines().collect();
    assert!(verdicts[0].contains("  verified k="), "{printed}");
    assert!(verdicts[1].contains("  FAIL altered"), "{printed}");
}
