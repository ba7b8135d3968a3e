//! A server that cannot, may not or does not answer.

use std::time::Duration;

use async_nats::jetstream::{self, Context, ContextBuilder};
use sink_testkit::nats::{Cluster, NatsServer};
use streams::{Policy, StreamsError, Topology, apply, inspect, plan};

use crate::fixture::{codes, start};

/// The error of looking and of planning, which are the same.
async fn failure(js: &Context) -> StreamsError {
    let topology = Topology::standard("consign").unwrap();
    let looking = inspect(js, &topology, &Policy::default()).await;
    let planning = plan(js, &topology).await.unwrap_err();
    assert_eq!(looking.unwrap_err().to_string(), planning.to_string());
    assert!(!planning.advice().is_empty());
    planning
}

async fn impatient(server: &NatsServer, options: async_nats::ConnectOptions) -> Context {
    let client = options.connect(server.url()).await.unwrap();
    let builder = ContextBuilder::new().timeout(Duration::from_secs(1));
    builder.build(client)
}

#[tokio::test]
async fn a_server_without_jetstream_is_told_from_an_account_without() {
    if start().await.is_none() {
        return;
    }
    let accounts = "accounts {
        WITH { jetstream: enabled, users: [{user: a, password: a}] }
        BARE { users: [{user: b, password: b}] }
        $SYS { users: [{user: s, password: s}] }
    }";
    let server = NatsServer::start_with(accounts).await.unwrap();
    let login = async_nats::ConnectOptions::with_user_and_password;
    let bare = impatient(&server, login("b".to_owned(), "b".to_owned())).await;
    let error = failure(&bare).await;
    assert!(
        matches!(error, StreamsError::NotEnabledForAccount),
        "{error:?}"
    );
    let client = login("a".to_owned(), "a".to_owned());
    let client = client.connect(server.url()).await.unwrap();
    let nowhere = jetstream::with_domain(client, "nowhere");
    let error = failure(&nowhere).await;
    assert!(matches!(error, StreamsError::NotEnabled), "{error:?}");
}

#[tokio::test]
async fn a_login_that_may_not_ask_gets_no_answer_and_advice() {
    if start().await.is_none() {
        return;
    }
    let users = "authorization { users: [
        {user: a, password: a, permissions: {publish: [\"consign.>\"]}}
    ] }";
    let server = NatsServer::start_with(users).await.unwrap();
    let login = async_nats::ConnectOptions::with_user_and_password("a".to_owned(), "a".to_owned());
    let error = failure(&impatient(&server, login).await).await;
    assert!(matches!(error, StreamsError::TimedOut { .. }), "{error:?}");
    assert!(error.to_string().contains("CONSIGN_AUDIT"));
    assert!(error.advice().contains("$JS.API"));
}

#[tokio::test]
async fn a_login_that_may_ask_for_its_stream_alone_learns_what_that_lacks() {
    let Some((_server, _js)) = start().await else {
        return;
    };
    let users = "authorization { users: [
        {user: a, password: a}
        {user: b, password: b, permissions: {
            publish: [\"$JS.API.STREAM.INFO.S\"], subscribe: [\"_INBOX.>\"]
        }}
    ] }";
    let server = NatsServer::start_with(users).await.unwrap();
    let login = async_nats::ConnectOptions::with_user_and_password;
    let all = impatient(&server, login("a".to_owned(), "a".to_owned())).await;
    let config = jetstream::stream::Config {
        name: "S".to_owned(),
        subjects: vec!["s.one".to_owned()],
        max_age: Duration::from_secs(3 * 86_400),
        duplicate_window: Duration::from_secs(300),
        ..Default::default()
    };
    all.create_stream(config).await.unwrap();
    let one = impatient(&server, login("b".to_owned(), "b".to_owned())).await;
    for (subject, found) in [("s.one", None), ("s.>", Some("subject-not-captured"))] {
        let text = format!("[[stream]]\nname = 'S'\nclass = 'events'\nsubjects = ['{subject}']");
        let topology = Topology::from_toml(&text).unwrap();
        let reports = inspect(&one, &topology, &Policy::default()).await.unwrap();
        assert_eq!(codes(&reports[0]), Vec::from_iter(found));
    }
}

#[tokio::test]
async fn a_cluster_without_quorum_is_worth_another_try() {
    let Some(mut cluster) = Cluster::start_or_skip().await else {
        return;
    };
    cluster.wait_ready().await.unwrap();
    let server = &cluster.servers()[0];
    let client = async_nats::connect(server.url()).await.unwrap();
    let js = ContextBuilder::new()
        .timeout(Duration::from_secs(3))
        .build(client);
    let topology = Topology::standard("consign").unwrap();
    let planned = loop {
        match plan(&js, &topology).await {
            Err(error) if error.is_transient() => {}
            planned => break planned.unwrap(),
        }
    };
    cluster.kill(1).await.unwrap();
    cluster.kill(2).await.unwrap();
    let error = apply(&js, &planned).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
}

#[tokio::test]
async fn more_replicas_than_servers_are_refused_stream_by_stream() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let topology = Topology::standard("consign").unwrap().replicated(3);
    let planned = plan(&js, &topology).await.unwrap();
    let applied = apply(&js, &planned).await.unwrap();
    let made: Vec<&str> = applied.created.iter().map(|name| name.as_str()).collect();
    assert_eq!(made, ["CONSIGN_MCP"]);
    assert_eq!(applied.failed.len(), 5);
    for (_, error) in &applied.failed {
        assert!(
            error.advice().contains("CONSIGN_STREAM_REPLICAS"),
            "{error}"
        );
    }
}
