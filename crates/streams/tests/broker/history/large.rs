//! Many events.

use events_core::Filter;
use futures::TryStreamExt as _;
use streams::history::{Entry, Start};

use super::kit::{event, history, ids, publish, stream};
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
