//! A topology is brought onto a broker, once.

use std::time::Duration;

use async_nats::jetstream::ContextBuilder;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use events_core::subject::{Route, Routes};
use sink_testkit::nats::Cluster;
use streams::{Policy, State, Step, Topology, apply, inspect, plan};

use crate::fixture::{codes, ensure, start};

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn an_empty_broker_gets_the_built_in_streams_and_keeps_them() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let topology = Topology::standard("acme.eu").unwrap();
    let first = plan(&js, &topology).await.unwrap();
    let applied = apply(&js, &first).await.unwrap();
    assert_eq!(applied.created.len(), 6);
    use RetentionPolicy::{Limits, WorkQueue};
    use StorageType::{File, Memory};
    for (name, subject, retention, storage, hours) in [
        ("ACME_EU_AUDIT", "acme.eu.audit.>", Limits, File, 90 * 24),
        (
            "ACME_EU_EMBED",
            "acme.eu.embed.requests",
            WorkQueue,
            File,
            24,
        ),
        (
            "ACME_EU_EMBED_DLQ",
            "acme.eu.embed.dlq",
            Limits,
            File,
            30 * 24,
        ),
        ("ACME_EU_MCP", "acme.eu.mcp.>", Limits, Memory, 1),
        ("ACME_EU_MCPGW", "mcpgw.>", Limits, File, 24),
        ("ACME_EU_EVENTS", "acme.eu.events.>", Limits, File, 72),
    ] {
        let stream = js.get_stream(name).await.unwrap();
        let config = &stream.cached_info().config;
        assert_eq!(config.subjects[0], subject);
        assert_eq!(config.retention, retention, "{name}");
        assert_eq!(config.storage, storage, "{name}");
        assert_eq!(config.max_age, hours * HOUR, "{name}");
        assert_eq!(config.deny_purge, name.ends_with("AUDIT"));
    }
    let again = plan(&js, &topology).await.unwrap();
    let keep = |step: &Step| matches!(step, Step::Keep { .. });
    assert!(again.steps().iter().all(keep), "{again}");
    for applied in [
        apply(&js, &again).await.unwrap(),
        apply(&js, &first).await.unwrap(),
    ] {
        assert!(applied.created.is_empty() && applied.updated.is_empty());
        assert!(applied.failed.is_empty());
    }
    let policy = Policy::default();
    for report in inspect(&js, &topology, &policy).await.unwrap() {
        assert_eq!(report.state, State::Ok, "{report:?}");
        assert!(codes(&report).is_empty(), "{report:?}");
        assert!(report.has_custody());
    }
}

#[tokio::test]
async fn what_the_built_in_routes_lead_to_is_captured() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let routes = Routes::standard("consign", Route::OTHER).unwrap();
    let topology = Topology::standard("consign").unwrap();
    let used = topology.for_routes(&routes).unwrap();
    assert_eq!(used, topology);
    ensure(&js, &used).await;
    for (subject, stream) in [
        ("consign.audit.t.login", "CONSIGN_AUDIT"),
        ("consign.embed.requests", "CONSIGN_EMBED"),
        ("consign.embed.results.a.b", "CONSIGN_EMBED"),
        ("consign.embed.dlq", "CONSIGN_EMBED_DLQ"),
        ("consign.mcp.announce", "CONSIGN_MCP"),
        ("mcpgw.gw1.config.x", "CONSIGN_MCPGW"),
        ("consign.events.t.demo.hello", "CONSIGN_EVENTS"),
    ] {
        let sent = js.publish(subject, "".into()).await.unwrap();
        assert_eq!(sent.await.unwrap().stream, stream);
    }
}

#[tokio::test]
async fn safe_changes_are_made_and_nothing_else_is_touched() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let before = Config {
        name: "CONSIGN_EVENTS".to_owned(),
        subjects: vec!["consign.events.a.>".to_owned(), "own.>".to_owned()],
        retention: RetentionPolicy::Interest,
        max_age: HOUR,
        duplicate_window: Duration::from_secs(60),
        max_bytes: 1 << 20,
        max_messages: 10,
        max_messages_per_subject: 5,
        max_message_size: 1_000,
        no_ack: true,
        description: Some("ours".to_owned()),
        allow_direct: true,
        allow_message_ttl: true,
        metadata: [("team".to_owned(), "red".to_owned())].into(),
        ..Config::default()
    };
    js.create_stream(before.clone()).await.unwrap();
    let declared = r#"
        [[stream]]
        name = "CONSIGN_EVENTS"
        class = "events"
        subjects = ["consign.events.>"]
        deny_purge = true
        max_bytes = "2MiB"
    "#;
    let topology = Topology::from_toml(declared).unwrap();
    ensure(&js, &topology).await;
    let after = js.get_stream("CONSIGN_EVENTS").await.unwrap();
    let after = &after.cached_info().config;
    assert_eq!(after.subjects, ["own.>", "consign.events.>"]);
    assert_eq!(after.retention, RetentionPolicy::Limits);
    assert_eq!(after.discard, DiscardPolicy::New);
    assert_eq!(after.max_age, 72 * HOUR);
    assert_eq!(after.duplicate_window, Duration::from_secs(300));
    assert_eq!((after.max_bytes, after.max_messages), (1 << 21, 10));
    assert_eq!(after.max_messages_per_subject, -1);
    assert_eq!(after.max_message_size, 1_000);
    assert!(!after.no_ack && after.deny_purge && !after.deny_delete);
    // what the topology says nothing of
    assert!(after.allow_direct && after.allow_message_ttl);
    assert_eq!(after.description, before.description);
    assert_eq!(after.metadata.get("team"), before.metadata.get("team"));
    assert!(plan(&js, &topology).await.unwrap().is_idle());
}

#[tokio::test]
async fn a_plan_that_time_has_overtaken_changes_nothing() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let topology = Topology::standard("consign").unwrap();
    let empty = plan(&js, &topology).await.unwrap();
    let mut other = Config {
        name: "CONSIGN_AUDIT".to_owned(),
        subjects: vec!["consign.audit.>".to_owned()],
        max_age: HOUR,
        ..Config::default()
    };
    js.create_stream(other.clone()).await.unwrap();
    let planned = plan(&js, &topology).await.unwrap();
    let applied = apply(&js, &empty).await.unwrap();
    assert_eq!(applied.created.len(), 5);
    let [(stream, _)] = applied.failed.as_slice() else {
        panic!("{applied:?}");
    };
    assert_eq!(stream.as_str(), "CONSIGN_AUDIT");
    other.max_age = 2 * HOUR;
    js.update_stream(other).await.unwrap();
    let applied = apply(&js, &planned).await.unwrap();
    assert!(applied.updated.is_empty() && applied.failed.len() == 1);
    let audit = js.get_stream("CONSIGN_AUDIT").await.unwrap();
    assert_eq!(audit.cached_info().config.max_age, 2 * HOUR);
}

#[tokio::test]
async fn a_cluster_gets_the_replicas_that_are_asked_for() {
    let Some(cluster) = Cluster::start_or_skip().await else {
        return;
    };
    cluster.wait_ready().await.unwrap();
    let client = async_nats::connect(cluster.urls()).await.unwrap();
    let patience = Duration::from_secs(2);
    let js = ContextBuilder::new().timeout(patience).build(client);
    let declared = "[[stream]]\nname = 'S'\nclass = 'events'\nsubjects = ['s.>']";
    let one = Topology::from_toml(declared).unwrap();
    ensure(&js, &one).await;
    cluster.wait_leader_of("S").await.unwrap();
    js.publish("s.a", "".into()).await.unwrap().await.unwrap();
    let three = one.clone().replicated(3);
    ensure(&js, &three).await;
    cluster.wait_leader_of("S").await.unwrap();
    let stream = js.get_stream("S").await.unwrap();
    assert_eq!(stream.cached_info().config.num_replicas, 3);
    assert_eq!(stream.cached_info().state.messages, 1);
    let back = plan(&js, &one).await.unwrap();
    assert!(
        back.is_idle() && back.to_string().contains("fewer servers"),
        "{back}"
    );
}
