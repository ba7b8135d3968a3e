use std::time::Duration;

use async_nats::jetstream::consumer::pull::Config;

use crate::rig::{Rig, err, ok};

#[test]
fn consumers_of_all_streams_say_how_far_they_are() {
    let rig = Rig::start();
    ok(&rig.consign(&["stream", "ensure"]));
    rig.store("consign.events.acme.a", 2);
    let js = rig.jetstream();
    rig.runtime.block_on(async {
        for (stream, name) in [("CONSIGN_EVENTS", "billing"), ("CONSIGN_MCPGW", "gateway")] {
            let config = Config {
                durable_name: Some(name.to_owned()),
                ack_wait: Duration::from_secs(90),
                backoff: vec![Duration::from_millis(1500), Duration::from_secs(60)],
                max_deliver: 3,
                ..Config::default()
            };
            js.create_consumer_on_stream(config, stream).await.unwrap();
        }
    });
    let all = ok(&rig.consign(&["consumers", "-o", "name"]));
    assert_eq!(all, "CONSIGN_EVENTS billing\nCONSIGN_MCPGW gateway\n");
    let list = rig.json(&["con", "ls", "CONSIGN_EVENTS", "-o", "json"]);
    assert_eq!(list["items"][0]["pending"], 2);
    let shown = ok(&rig.consign(&["consumer", "info", "CONSIGN_EVENTS", "billing"]));
    assert!(
        shown.lines().any(|line| line == "PENDING      2"),
        "{shown}"
    );
    let setting = |name: &str| {
        let mut lines = shown.lines().filter_map(|line| line.strip_prefix(name));
        lines.next().unwrap_or_default().trim().to_owned()
    };
    // The server waits as long as the first of the backoff says.
    assert_eq!(setting("ack_wait"), "1s 500ms", "{shown}");
    assert_eq!(setting("backoff"), "1s 500ms 1m", "{shown}");
    let none = rig.consign(&["consumer", "info", "CONSIGN_EVENTS", "nobody"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(err(&none).contains("try: consign consumer ls"), "{none:?}");
}

#[test]
fn a_reading_that_ended_leaves_no_consumer_behind() {
    let rig = Rig::start();
    ok(&rig.consign(&["stream", "ensure"]));
    ok(&rig.consign(&["publish", "consign.events.acme.a", "{}"]));
    ok(&rig.consign(&["replay", "--all"]));
    let last = ["subscribe", "consign.events.>", "--all", "--count", "1"];
    ok(&rig.consign(&last));
    let listed = ok(&rig.consign(&["consumer", "ls", "-o", "json"]));
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["items"].as_array().unwrap().len(), 0, "{listed}");
}
