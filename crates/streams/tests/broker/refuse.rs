//! What would lose messages is refused, with what to do instead; nothing is lost.

use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, PersistenceMode, RetentionPolicy, StorageType,
};
use events_core::subject::Routes;
use streams::{Policy, Step, StreamsError, Topology, apply, inspect, plan};

use crate::fixture::{codes, start};

const DAY: Duration = Duration::from_secs(86_400);

async fn messages(js: &Context, stream: &str) -> u64 {
    let stream = js.get_stream(stream).await.unwrap();
    stream.cached_info().state.messages
}

fn declared(settings: &str) -> Topology {
    let text = format!("[[stream]]\nname = 'S'\nclass = 'events'\nsubjects = ['s.>']\n{settings}");
    Topology::from_toml(&text).unwrap()
}

fn generous() -> Config {
    Config {
        name: "S".to_owned(),
        subjects: vec!["s.>".to_owned()],
        discard: DiscardPolicy::New,
        max_age: 10 * DAY,
        duplicate_window: Duration::from_secs(600),
        deny_purge: true,
        ..Config::default()
    }
}

fn refused(step: &Step) -> Option<&'static str> {
    match step {
        Step::Refuse {
            change,
            why,
            remedy,
            ..
        } => {
            assert!(!why.is_empty() && !remedy.is_empty());
            Some(change.field)
        }
        _ => None,
    }
}

#[tokio::test]
async fn what_would_lose_messages_is_refused_and_loses_none() {
    let Some((_server, js)) = start().await else {
        return;
    };
    js.create_stream(generous()).await.unwrap();
    for number in 0..20 {
        let sent = js.publish(format!("s.{number}"), "event".into()).await;
        sent.unwrap().await.unwrap();
    }
    let before = js
        .get_stream("S")
        .await
        .unwrap()
        .cached_info()
        .config
        .clone();
    for (settings, field) in [
        ("", "max_age duplicate_window deny_purge"),
        ("max_age = '9d'", "max_age duplicate_window deny_purge"),
        (SAME, ""),
        ("max_bytes = 10", "max_bytes"),
        ("max_messages = 10", "max_msgs"),
        ("max_message_size = '1KiB'", "max_msg_size"),
        ("retention = 'interest'", "retention"),
        ("retention = 'workqueue'", "retention"),
        ("storage = 'memory'", "storage"),
        ("discard = 'old'", "discard"),
    ] {
        let more = if settings.is_empty() || settings.starts_with("max_age") || settings == SAME {
            String::new()
        } else {
            SAME.to_owned()
        };
        let topology = declared(&format!("{settings}\n{more}"));
        let plan = plan(&js, &topology).await.unwrap();
        let fields: Vec<&str> = plan.steps().iter().filter_map(refused).collect();
        assert_eq!(fields.join(" "), field, "{settings}");
        assert!(plan.is_idle());
        apply(&js, &plan).await.unwrap();
        let after = js
            .get_stream("S")
            .await
            .unwrap()
            .cached_info()
            .config
            .clone();
        assert_eq!(after, before, "{settings}");
        assert_eq!(messages(&js, "S").await, 20, "{settings}");
    }
}

const SAME: &str = "max_age = '10d'\nduplicate_window = '10m'\ndeny_purge = true";

#[tokio::test]
async fn what_is_safe_is_done_beside_what_is_refused() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let mut config = generous();
    config.storage = StorageType::Memory;
    config.max_age = DAY;
    js.create_stream(config).await.unwrap();
    let topology = declared(SAME);
    let plan = plan(&js, &topology).await.unwrap();
    let shown = plan.to_string();
    assert!(
        shown.contains("update S: max_age from 1d to 10d"),
        "{shown}"
    );
    assert!(
        shown.contains("refuse S: storage from memory to file"),
        "{shown}"
    );
    let json = serde_json::to_value(&plan).unwrap();
    assert_eq!(json[0]["step"], "update");
    assert_eq!(json[1]["step"], "refuse");
    assert_eq!(apply(&js, &plan).await.unwrap().updated.len(), 1);
    let stream = js.get_stream("S").await.unwrap();
    assert_eq!(stream.cached_info().config.max_age, 10 * DAY);
}

#[tokio::test]
async fn subjects_of_other_streams_are_named_and_left_to_them() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let mut foreign = generous();
    "FOREIGN".clone_into(&mut foreign.name);
    foreign.subjects = vec!["s.one".to_owned(), "mcpgw.>".to_owned()];
    js.create_stream(foreign).await.unwrap();
    let plan_one = plan(&js, &declared("")).await.unwrap();
    let [Step::Refuse { why, .. }] = plan_one.steps() else {
        panic!("{plan_one}");
    };
    assert!(why.contains("FOREIGN"), "{why}");
    let topology = Topology::standard("consign").unwrap();
    let planned = plan(&js, &topology).await.unwrap();
    let applied = apply(&js, &planned).await.unwrap();
    assert_eq!(applied.created.len(), 5);
    assert!(js.get_stream("CONSIGN_MCPGW").await.is_err());
}

#[tokio::test]
async fn a_stream_that_comes_in_between_is_the_servers_refusal() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let plan = plan(&js, &Topology::standard("consign").unwrap())
        .await
        .unwrap();
    let mut foreign = generous();
    foreign.subjects = vec!["mcpgw.one".to_owned()];
    js.create_stream(foreign).await.unwrap();
    let applied = apply(&js, &plan).await.unwrap();
    assert_eq!(applied.created.len(), 5);
    let [(stream, error)] = applied.failed.as_slice() else {
        panic!("{applied:?}");
    };
    assert_eq!(stream.as_str(), "CONSIGN_MCPGW");
    assert!(matches!(error, StreamsError::Overlap { .. }), "{error}");
    assert!(error.advice().contains("CONSIGN_STREAMS_FILE"));
}

#[tokio::test]
async fn the_server_forbids_what_is_called_impossible() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let edits: [fn(&mut Config); 7] = [
        |config| config.storage = StorageType::Memory,
        |config| config.retention = RetentionPolicy::WorkQueue,
        |config| config.persist_mode = Some(PersistenceMode::Async),
        |config| config.deny_purge = false,
        |config| config.deny_delete = false,
        |config| config.allow_rollup = true,
        |config| config.duplicate_window = config.max_age + DAY,
    ];
    let mut good = generous();
    good.deny_delete = true;
    js.create_stream(good.clone()).await.unwrap();
    js.update_stream(good.clone()).await.unwrap();
    for (index, edit) in edits.iter().enumerate() {
        let mut config = good.clone();
        edit(&mut config);
        assert!(js.update_stream(config).await.is_err(), "{index}");
    }
}

#[tokio::test]
async fn subjects_that_no_stream_can_have_are_refused() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let routes = Routes::standard("consign", "{tenantId}.{type}").unwrap();
    let topology = Topology::standard("consign").unwrap();
    let topology = topology.for_routes(&routes).unwrap();
    let planned = plan(&js, &topology).await.unwrap();
    let applied = apply(&js, &planned).await.unwrap();
    assert_eq!(applied.created.len(), 5);
    assert!(applied.failed.is_empty());
    let policy = Policy::default();
    let reports = inspect(&js, &topology, &policy).await.unwrap();
    let (events, others) = reports.split_last().unwrap();
    assert!(others.iter().all(|report| codes(report).is_empty()));
    assert_eq!(codes(events), ["missing"]);
    assert!(events.findings[0].remedy.contains("CONSIGN_SUBJECT"));
    let Some(Step::Refuse { why, .. }) = planned.steps().last() else {
        panic!("{planned}");
    };
    assert!(why.contains("server's own"), "{why}");
}

#[tokio::test]
async fn a_stream_that_would_take_anothers_subjects_is_not_planned() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let routes = Routes::standard("consign", "consign.{type}").unwrap();
    let topology = Topology::standard("consign").unwrap();
    let topology = topology.for_routes(&routes).unwrap();
    let planned = plan(&js, &topology).await.unwrap();
    let Some(Step::Refuse { stream, why, .. }) = planned.steps().last() else {
        panic!("{planned}");
    };
    assert_eq!(stream.as_str(), "CONSIGN_EVENTS");
    assert!(why.contains("CONSIGN_AUDIT"), "{why}");
    let applied = apply(&js, &planned).await.unwrap();
    assert!(applied.failed.is_empty(), "{applied:?}");
}
