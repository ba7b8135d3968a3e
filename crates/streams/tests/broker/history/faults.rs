//! Servers and networks that fail in the middle of a reading.

use std::time::Duration;

use async_nats::jetstream::{Context, ContextBuilder};
use events_core::Filter;
use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::json;
use sink_testkit::nats::{Answer, Direction, FakeServer, Fault, NatsServer, Odds, Proxy};
use streams::history::{Entry, HistoryError, Start};

use super::kit::{all, event, fill, history, ids, next, next_id, publish, stream};
use crate::fixture::start;

/// A client that does not wait long for an answer.
async fn hasty(url: String) -> Context {
    let options = async_nats::ConnectOptions::new()
        .reconnect_delay_callback(|_| Duration::from_millis(20))
        .retry_on_initial_connect();
    let client = options.connect(url).await.unwrap();
    ContextBuilder::new()
        .timeout(Duration::from_millis(300))
        .build(client)
}

async fn behind_proxy(server: &NatsServer) -> (Proxy, Context) {
    let proxy = Proxy::start(&server.url()).unwrap();
    let js = hasty(proxy.url()).await;
    (proxy, js)
}

#[tokio::test]
async fn a_server_that_falls_silent_is_an_error_and_never_a_part() {
    let Some((server, js)) = start().await else {
        return;
    };
    stream(&js, "S").await;
    fill(&js, "S", 5000, &["a"]).await;
    let (proxy, hasty) = behind_proxy(&server).await;
    let history = history(&hasty, &["S"]).patient(Duration::from_millis(500));
    let mut read = history
        .range(&Filter::default(), &Start::Oldest)
        .await
        .unwrap();
    assert_eq!(next_id(&mut read).await, 1);
    proxy.freeze();
    let error = all(read).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    let error = history.newest(&Filter::default(), 10).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
}

#[tokio::test]
async fn what_the_network_loses_and_doubles_is_read_again_and_once() {
    let Some((server, js)) = start().await else {
        return;
    };
    stream(&js, "S").await;
    fill(&js, "S", 2000, &["a", "b"]).await;
    let (proxy, hasty) = behind_proxy(&server).await;
    let history = history(&hasty, &["S"]);
    let odds = Odds {
        drop: 1,
        double: 1,
        ..Odds::default()
    };
    proxy.set(Direction::ToClient, Fault::Odds(odds, 7));
    let read = loop {
        match history.range(&Filter::default(), &Start::Oldest).await {
            Err(error) if error.is_transient() => {}
            read => break read.unwrap(),
        }
    };
    let (items, gaps) = all(read).await.unwrap();
    assert!(ids(&items).into_iter().eq(1..=2000));
    assert!(gaps.is_empty());
    assert!(proxy.counts().to_client.dropped > 0);
}

#[tokio::test]
async fn a_broker_that_is_killed_holds_a_range_up_and_a_tail_goes_on() {
    let Some((mut server, js)) = start().await else {
        return;
    };
    stream(&js, "S").await;
    fill(&js, "S", 5000, &["a"]).await;
    let hasty = hasty(server.url()).await;
    let history = history(&hasty, &["S"]).patient(Duration::from_secs(20));
    let mut read = history
        .range(&Filter::default(), &Start::Oldest)
        .await
        .unwrap();
    let mut live = history
        .follow(&Filter::default(), &Start::Sequence(4999))
        .await
        .unwrap();
    assert_eq!(next_id(&mut read).await, 1);
    assert_eq!(next_id(&mut live).await, 4999);
    assert_eq!(next_id(&mut live).await, 5000);
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    let (items, gaps) = all(read).await.unwrap();
    assert!(ids(&items).into_iter().eq(2..=5000));
    assert!(gaps.is_empty());
    let publisher = self::hasty(server.url()).await;
    publish(&publisher, [("S.a".to_owned(), event(5001, "a"))]).await;
    assert_eq!(next_id(&mut live).await, 5001);
}

#[tokio::test]
async fn a_purge_in_the_middle_is_a_gap() {
    let Some((_server, js)) = start().await else {
        return;
    };
    stream(&js, "S").await;
    fill(&js, "S", 6000, &["a", "b"]).await;
    let handle = js.get_stream("S").await.unwrap();
    let history = history(&js, &["S"]);
    let filter = Filter::default();
    let mut read = history.range(&filter, &Start::Oldest).await.unwrap();
    next_id(&mut read).await;
    handle.purge().keep(100).await.unwrap();
    let (items, gaps) = all(read).await.unwrap();
    assert_eq!(items.last().unwrap().position.sequence(), 6000);
    // Only what had been asked for before the purge came of what was purged.
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert!(gaps[0].ends_with("-5900"), "{gaps:?}");
}

#[tokio::test]
async fn a_tail_outlives_its_consumer_and_a_stream_begun_anew() {
    let Some((_server, js)) = start().await else {
        return;
    };
    stream(&js, "S").await;
    fill(&js, "S", 10, &["a"]).await;
    let history = history(&js, &["S"]);
    let mut live = history
        .follow(&Filter::default(), &Start::Sequence(10))
        .await
        .unwrap();
    assert_eq!(next_id(&mut live).await, 10);
    let handle = js.get_stream("S").await.unwrap();
    let mut names = handle.consumer_names();
    let name = names.try_next().await.unwrap().unwrap();
    handle.delete_consumer(&name).await.unwrap();
    publish(&js, [("S.a".to_owned(), event(11, "a"))]).await;
    assert_eq!(next_id(&mut live).await, 11);
    let before = Start::After(live.cursor().clone());
    js.delete_stream("S").await.unwrap();
    stream(&js, "S").await;
    publish(&js, [("S.a".to_owned(), event(1, "a"))]).await;
    let read = history.range(&Filter::default(), &before).await.unwrap();
    let (items, gaps) = all(read).await.unwrap();
    assert_eq!((ids(&items), gaps), (vec![1], vec!["S:2-11".to_owned()]));
    let Entry::Gap(gap) = next(&mut live).await else {
        panic!("no gap");
    };
    assert_eq!((gap.from, gap.to), (2, 11));
    assert_eq!(next_id(&mut live).await, 1);
}

#[tokio::test]
async fn a_consumer_that_says_it_has_nothing_is_not_believed() {
    let server = FakeServer::start().unwrap();
    server.answer_api(|request| {
        let api = request.subject.as_str();
        let info = if api.contains("STREAM.INFO") {
            json!({"config": {"retention": "limits"}, "state": {"first_seq": 1, "last_seq": 9}})
        } else if api.contains("CONSUMER.CREATE") {
            let none = json!({"consumer_seq": 0, "stream_seq": 0});
            json!({
                "stream_name": "S", "name": "c", "created": "2026-01-01T00:00:00Z",
                "config": {"ack_policy": "none", "deliver_policy": "all", "replay_policy": "instant"},
                "delivered": none, "ack_floor": none, "num_ack_pending": 0,
                "num_redelivered": 0, "num_waiting": 0, "num_pending": 0,
            })
        } else {
            return Some(Answer::Silence);
        };
        Some(Answer::Reply(info.to_string().into()))
    });
    let js = hasty(server.url()).await;
    let history = history(&js, &["S"]).patient(Duration::from_millis(500));
    let error = history.newest(&Filter::default(), 5).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
}

#[tokio::test]
async fn a_tail_ends_when_one_of_its_streams_is_gone_for_good() {
    let Some((_server, js)) = start().await else {
        return;
    };
    for name in ["A", "B"] {
        stream(&js, name).await;
        fill(&js, name, 1, &["a"]).await;
    }
    let history = history(&js, &["A", "B"]).patient(Duration::from_millis(300));
    let mut live = history
        .follow(&Filter::default(), &Start::Oldest)
        .await
        .unwrap();
    assert_eq!((next_id(&mut live).await, next_id(&mut live).await), (1, 1));
    js.delete_stream("B").await.unwrap();
    let error = live.next().await.unwrap().unwrap_err();
    assert!(matches!(error, HistoryError::Missing { .. }), "{error:?}");
    publish(&js, [("A.a".to_owned(), event(2, "a"))]).await;
    assert!(live.next().await.is_none());
    // The cursor says where to go on with what is left.
    assert_eq!(live.cursor().of(&"A".parse().unwrap()), Some(1));
}
