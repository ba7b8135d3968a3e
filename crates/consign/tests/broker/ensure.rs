use crate::rig::{Rig, ok, out};

const ALL: [&str; 6] = [
    "CONSIGN_AUDIT",
    "CONSIGN_EMBED",
    "CONSIGN_EMBED_DLQ",
    "CONSIGN_EVENTS",
    "CONSIGN_MCP",
    "CONSIGN_MCPGW",
];

#[test]
fn an_empty_broker_gets_every_stream_and_a_second_run_changes_nothing() {
    let rig = Rig::start();
    let planned = ok(&rig.consign(&["stream", "ensure", "--dry-run"]));
    assert_eq!(planned.matches("create ").count(), ALL.len(), "{planned}");
    assert!(names(&rig).is_empty(), "a dry run makes nothing");

    ok(&rig.consign(&["stream", "ensure"]));
    assert_eq!(names(&rig), ALL);
    let again = ok(&rig.consign(&["str", "ensure"]));
    assert!(
        again.lines().all(|line| line.starts_with("keep ")),
        "{again}"
    );
}

#[test]
fn what_would_lose_messages_is_left_and_exits_3() {
    let rig = Rig::start();
    ok(&rig.consign(&["stream", "ensure"]));
    let js = rig.jetstream();
    rig.runtime.block_on(async {
        let mut stream = js.get_stream("CONSIGN_EVENTS").await.unwrap();
        let mut config = stream.info().await.unwrap().config.clone();
        config.max_age *= 2;
        config.num_replicas = 1;
        config.subjects.push("elsewhere.>".to_owned());
        js.update_stream(config).await.unwrap();
    });
    let output = rig.consign(&["stream", "ensure", "-o", "json"]);
    let steps: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(steps["kind"], "StreamPlan");
    let refused = steps["items"].as_array().unwrap().iter();
    let refused = refused.filter(|step| step["step"] == "refuse").count();
    assert_eq!(output.status.code(), Some(if refused > 0 { 3 } else { 0 }));
    assert!(refused > 0, "{steps}");
}

fn names(rig: &Rig) -> Vec<String> {
    use futures::TryStreamExt as _;
    let js = rig.jetstream();
    let mut names: Vec<String> = rig
        .runtime
        .block_on(async { js.stream_names().try_collect().await })
        .unwrap();
    names.sort_unstable();
    names
}
