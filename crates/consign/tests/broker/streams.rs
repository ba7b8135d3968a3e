use async_nats::jetstream::stream::Config;

use crate::rig::{Rig, err, ok, out};

#[test]
fn every_stream_is_listed_what_is_missing_and_what_nobody_declared() {
    let rig = Rig::start();
    ok(&rig.consign(&["stream", "ensure"]));
    rig.replace(&Config {
        name: "OTHER".to_owned(),
        subjects: vec!["other.>".to_owned()],
        ..Config::default()
    });
    let js = rig.jetstream();
    rig.runtime
        .block_on(async { js.delete_stream("CONSIGN_MCPGW").await.unwrap() });
    rig.store("consign.events.acme.demo.hello", 3);

    let table = ok(&rig.consign(&["streams"]));
    let row = |name: &str| {
        let mut lines = table.lines();
        lines
            .find(|line| line.starts_with(name))
            .unwrap()
            .to_owned()
    };
    assert!(row("STREAM").ends_with("HEALTH"), "{table}");
    assert!(row("CONSIGN_EVENTS ").contains("limits 3d") && row("CONSIGN_EVENTS ").ends_with("ok"));
    assert!(row("CONSIGN_MCPGW").ends_with("MISSING"), "{table}");
    assert!(row("OTHER").ends_with("not declared"), "{table}");

    let list = rig.json(&["streams", "--format", "json"]);
    assert_eq!(list["kind"], "StreamList");
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 7);
    let item = |name: &str| items.iter().find(|item| item["name"] == name).unwrap();
    assert_eq!(item("CONSIGN_EVENTS")["messages"], 3);
    assert_eq!(item("CONSIGN_EVENTS")["state"], "ok");
    assert_eq!(item("CONSIGN_MCPGW")["state"], "missing");
    assert_eq!(item("CONSIGN_MCPGW")["messages"], serde_json::Value::Null);
    assert_eq!(item("OTHER")["declared"], false);

    for (pattern, names) in [
        ("consign.events.>", "CONSIGN_EVENTS\n"),
        ("other.a", "OTHER\n"),
        ("mcpgw.gw1.events.tool", "CONSIGN_MCPGW\n"),
        ("nobody.>", ""),
    ] {
        let listed = rig.consign(&["str", "list", "--subject", pattern, "-o", "name"]);
        assert_eq!(ok(&listed), names, "{pattern}");
    }
}

#[test]
fn a_stream_is_shown_beside_what_is_declared_with_its_readers() {
    let rig = Rig::start();
    ok(&rig.consign(&["stream", "ensure"]));
    rig.store("consign.events.acme.a", 2);
    let shown = ok(&rig.consign(&["stream", "info", "CONSIGN_EVENTS"]));
    for line in ["MESSAGES   2 (", "max_age ", "ok    CONSIGN_EVENTS"] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    let shown = rig.json(&["stream", "info", "CONSIGN_EVENTS", "-o", "json"]);
    assert_eq!(shown["contents"]["messages"], 2);
    assert_eq!(shown["config"]["max_age"], shown["declared"]["max_age"]);
    for (name, next) in [
        ("CONSIGN_NONE", "try: consign stream ls"),
        ("A.*", "--help"),
    ] {
        let none = rig.consign(&["stream", "info", name]);
        assert_ne!(none.status.code(), Some(0));
        assert!(err(&none).contains(next), "{none:?}");
    }
}

#[test]
fn subjects_are_counted_filtered_and_sorted() {
    let rig = Rig::start();
    ok(&rig.consign(&["stream", "ensure"]));
    for (subject, count) in [("a.x", 1), ("a.y", 3), ("b.x", 2)] {
        rig.store(&format!("consign.events.{subject}"), count);
    }
    let counted = |more: &[&str]| {
        let arguments = ["stream", "subjects", "CONSIGN_EVENTS", "-o", "json"];
        let list = rig.json(&[&arguments, more].concat());
        let items = list["items"].as_array().unwrap().clone();
        let count = |item: &serde_json::Value| item["messages"].as_u64().unwrap();
        items.iter().map(count).collect::<Vec<_>>()
    };
    assert_eq!(counted(&[]), [3, 2, 1]);
    assert_eq!(counted(&["--sort", "name"]), [1, 3, 2]);
    assert_eq!(counted(&["--filter", "consign.events.a.>"]), [3, 1]);
    assert_eq!(counted(&["--filter", "consign.events.none"]), [0; 0]);
    let table = rig.consign(&["stream", "subjects", "CONSIGN_EVENTS"]);
    assert!(out(&table).lines().count() == 4 && err(&table).contains("3 subjects, 6 messages"));
}
