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
