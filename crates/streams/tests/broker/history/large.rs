//! Many events.

use async_nats::jetstream;
use events_core::Filter;
use futures::TryStreamExt as _;
use sink_testkit::nats::NatsServer;
use streams::history::{Entry, Start};

use super::kit::{all, event, history, ids, publish, stream};
use crate::fixture::start;

const EVENTS: usize = 100_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_come_in_order_and_the_newest_of_a_rare_type_are_found() {
    let Some((_server, js)) = start().await else {
        return;
    };
    stream(&js, "S").await;
    let kind = |id| if id % 10_000 == 7 { "rare" } else { "common" };
    let messages = (1..=EVENTS).map(|id| (format!("S.{}", kind(id)), event(id, kind(id))));
    publish(&js, messages).await;
    let history = history(&js, &["S"]);
    let rare = Filter {
        subject: Some("S.rare".parse().unwrap()),
        ..Filter::default()
    };
    let newest = history.newest(&rare, 3).await.unwrap();
    assert_eq!(ids(&newest), [70_007, 80_007, 90_007]);
    let mut read = history
        .range(&Filter::default(), &Start::Oldest)
        .await
        .unwrap();
    for id in 1..=EVENTS {
        let Some(Entry::Item(item)) = read.try_next().await.unwrap() else {
            panic!("no event {id}");
        };
        assert_eq!(item.position.sequence(), id as u64);
        assert_eq!(
            item.event().unwrap().attributes().id().as_str(),
            id.to_string()
        );
    }
    assert!(read.try_next().await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_longer_than_what_is_asked_for_at_once_come_too() {
    if start().await.is_none() {
        return;
    }
    let server = NatsServer::start_with("max_payload: 20MB").await.unwrap();
    let js = jetstream::new(async_nats::connect(server.url()).await.unwrap());
    stream(&js, "S").await;
    let mut lengths = vec![900_000; 24];
    lengths[4] = 9_000_000;
    lengths[15] = 9_000_000;
    for length in &lengths {
        let payload = "x".repeat(*length).into();
        publish(&js, [("S.a".to_owned(), payload)]).await;
    }
    let history = history(&js, &["S"]);
    let read = history
        .range(&Filter::default(), &Start::Oldest)
        .await
        .unwrap();
    let (items, gaps) = all(read).await.unwrap();
    let came: Vec<usize> = items.iter().map(|item| item.body.bytes().len()).collect();
    assert_eq!((came, gaps.len()), (lengths, 0));
}
