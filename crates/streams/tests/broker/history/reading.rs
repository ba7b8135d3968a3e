//! A server that does what it should.

use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::stream::{Config, RetentionPolicy};
use events_core::Filter;
use streams::history::{Entry, History, HistoryError, Start};
use streams::{StreamName, Topology};
use tokio::time::timeout;

use super::kit::{all, event, fill, history, ids, next, next_id, publish, stream};
use crate::fixture::{create, ensure, start};

fn subject(pattern: &str) -> Filter {
    Filter {
        subject: Some(pattern.parse().unwrap()),
        ..Filter::default()
    }
}

fn kind(kind: &str) -> Filter {
    Filter {
        kind: Some(kind.parse().unwrap()),
        ..Filter::default()
    }
}

#[tokio::test]
async fn the_newest_are_exact_with_every_filter() {
    let Some((_server, js)) = start().await else {
        return;
    };
    stream(&js, "S").await;
    fill(&js, "S", 2000, &["a", "b", "a", "a"]).await;
    let history = history(&js, &["S"]);
    let newest = async |filter: Filter, limit| ids(&history.newest(&filter, limit).await.unwrap());
    assert_eq!(newest(Filter::default(), 3).await, [1998, 1999, 2000]);
    assert_eq!(newest(Filter::default(), 0).await, [0; 0]);
    assert_eq!(newest(subject("S.b"), 2).await, [1994, 1998]);
    let all_b: Vec<usize> = (2..=2000).step_by(4).collect();
    assert_eq!(newest(subject("S.b"), 10_000).await, all_b);
    assert_eq!(newest(kind("b"), 499).await, all_b[1..]);
    assert_eq!(newest(kind("none"), 5).await, [0; 0]);
    assert_eq!(newest(subject("elsewhere.>"), 5).await, [0; 0]);
}

#[tokio::test]
async fn a_range_is_everything_in_order_and_goes_on_from_a_position() {
    let Some((_server, js)) = start().await else {
        return;
    };
    stream(&js, "S").await;
    fill(&js, "S", 3000, &["a", "b"]).await;
    let history = history(&js, &["S"]);
    let range = async |filter: Filter, start: Start| {
        let entries = history.range(&filter, &start).await.unwrap();
        let (items, gaps) = all(entries).await.unwrap();
        assert_eq!(gaps, [""; 0]);
        items
    };
    let items = range(Filter::default(), Start::Oldest).await;
    assert!(ids(&items).into_iter().eq(1..=3000));
    assert_eq!(items[41].position.to_string(), "S:42");
    assert_eq!(&*items[41].subject, "S.b");
    let after = Start::After(items[2996].position.clone().into());
    assert_eq!(
        ids(&range(Filter::default(), after.clone()).await),
        [2998, 2999, 3000]
    );
    assert_eq!(ids(&range(subject("S.b"), after).await), [2998, 3000]);
    assert_eq!(
        ids(&range(kind("a"), Start::Sequence(2997)).await),
        [2997, 2999]
    );
    let last = Start::After(items[2999].position.clone().into());
    assert_eq!(ids(&range(Filter::default(), last).await), [0; 0]);
    assert_eq!(ids(&range(Filter::default(), Start::Next).await), [0; 0]);
    let between = Filter {
        since: Some(items[10].stored_at),
        until: Some(items[2990].stored_at),
        ..Filter::default()
    };
    let wanted = items
        .iter()
        .filter(|item| between.wants_time(item.stored_at));
    let wanted: Vec<_> = wanted.cloned().collect();
    assert!(!wanted.is_empty() && wanted.len() < 3000);
    assert_eq!(
        ids(&range(between.clone(), Start::Oldest).await),
        ids(&wanted)
    );
    let newest = history.newest(&between, 5).await.unwrap();
    assert_eq!(ids(&newest), ids(&wanted[wanted.len() - 5..]));
}

#[tokio::test]
async fn streams_are_merged_by_time_and_a_cursor_stands_for_all_of_them() {
    let Some((_server, js)) = start().await else {
        return;
    };
    for name in ["A", "B", "EMPTY"] {
        stream(&js, name).await;
    }
    for id in 1..=200 {
        let stream = if id % 3 == 0 { "A" } else { "B" };
        publish(&js, [(format!("{stream}.x"), event(id, "x"))]).await;
    }
    let both = history(&js, &["A", "B", "EMPTY"]);
    let read = both
        .range(&Filter::default(), &Start::Oldest)
        .await
        .unwrap();
    let (items, _) = all(read).await.unwrap();
    assert!(ids(&items).into_iter().eq(1..=200));
    let newest = both.newest(&Filter::default(), 7).await.unwrap();
    assert!(ids(&newest).into_iter().eq(194..=200));
    let mut live = both
        .follow(&Filter::default(), &Start::Oldest)
        .await
        .unwrap();
    for _ in 0..50 {
        next_id(&mut live).await;
    }
    let cursor = live.cursor().clone();
    assert_eq!(cursor.to_string().split(',').count(), cursor.iter().count());
    let rest = both
        .range(&Filter::default(), &Start::After(cursor))
        .await
        .unwrap();
    assert_eq!(all(rest).await.unwrap().0.len(), 150);
    let one = Start::After(items[99].position.clone().into());
    let rest = both.range(&Filter::default(), &one).await.unwrap();
    let rest = ids(&all(rest).await.unwrap().0);
    assert!((101..=200).all(|id| rest.contains(&id)));
    let elsewhere = Start::After("C:1".parse().unwrap());
    let error = both
        .range(&Filter::default(), &elsewhere)
        .await
        .unwrap_err();
    assert!(matches!(error, HistoryError::Elsewhere { .. }), "{error:?}");
}

#[tokio::test]
async fn what_is_no_event_of_ours_comes_as_it_is_and_uses_up_no_limit() {
    let Some((_server, js)) = start().await else {
        return;
    };
    stream(&js, "S").await;
    fill(&js, "S", 5, &["a"]).await;
    let garbage = (0..300).map(|_| ("S.a".to_owned(), "no event".into()));
    publish(&js, garbage).await;
    let history = history(&js, &["S"]);
    let newest = history.newest(&kind("a"), 3).await.unwrap();
    assert_eq!(ids(&newest), [3, 4, 5]);
    let newest = history.newest(&subject("S.a"), 1).await.unwrap();
    assert!(newest[0].event().is_none());
    assert_eq!(newest[0].body.bytes(), "no event");
}

#[tokio::test]
async fn a_work_queue_is_read_and_keeps_what_it_has() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let config = Config {
        name: "Q".to_owned(),
        subjects: vec!["Q.>".to_owned()],
        retention: RetentionPolicy::WorkQueue,
        ..Config::default()
    };
    js.create_stream(config).await.unwrap();
    fill(&js, "Q", 100, &["a", "b"]).await;
    let history = history(&js, &["Q"]);
    for _ in 0..2 {
        let read = history
            .range(&subject("Q.a"), &Start::Oldest)
            .await
            .unwrap();
        assert_eq!(all(read).await.unwrap().0.len(), 50);
        let newest = history.newest(&Filter::default(), 2).await.unwrap();
        assert_eq!(ids(&newest), [99, 100]);
    }
    let mut live = history
        .follow(&Filter::default(), &Start::Next)
        .await
        .unwrap();
    publish(&js, [("Q.a".to_owned(), event(101, "a"))]).await;
    assert_eq!(next_id(&mut live).await, 101);
}

#[tokio::test]
async fn what_was_deleted_and_purged_is_a_gap() {
    let Some((_server, js)) = start().await else {
        return;
    };
    stream(&js, "S").await;
    fill(&js, "S", 50, &["a", "b"]).await;
    let handle = js.get_stream("S").await.unwrap();
    handle.purge().sequence(11).await.unwrap();
    for sequence in [20, 21, 30, 50] {
        handle.delete_message(sequence).await.unwrap();
    }
    let history = history(&js, &["S"]);
    let range = async |filter: Filter, start: Start| {
        let entries = history.range(&filter, &start).await.unwrap();
        let (items, gaps) = all(entries).await.unwrap();
        (items.len(), gaps)
    };
    let inner = ["S:20-21", "S:30-30", "S:50-50"];
    let (count, gaps) = range(Filter::default(), Start::Oldest).await;
    assert_eq!((count, gaps), (36, inner.map(str::to_owned).to_vec()));
    let after = Start::After("S:5".parse().unwrap());
    let (count, gaps) = range(Filter::default(), after.clone()).await;
    assert_eq!((count, &gaps[0], gaps.len()), (36, &"S:6-10".to_owned(), 4));
    let (count, gaps) = range(subject("S.a"), after.clone()).await;
    assert_eq!((count, gaps), (19, vec!["S:6-10".to_owned()]));
    let mut live = history.follow(&Filter::default(), &after).await.unwrap();
    let Entry::Gap(gap) = next(&mut live).await else {
        panic!("no gap");
    };
    assert_eq!((gap.from, gap.to), (6, 10));
    assert_eq!(next_id(&mut live).await, 11);
}

#[tokio::test]
async fn nothing_is_left_on_the_server() {
    let Some((_server, js)) = start().await else {
        return;
    };
    stream(&js, "S").await;
    fill(&js, "S", 10, &["a"]).await;
    let history = history(&js, &["S"]);
    history.newest(&Filter::default(), 100).await.unwrap();
    let mut live = history
        .follow(&Filter::default(), &Start::Oldest)
        .await
        .unwrap();
    next_id(&mut live).await;
    consumers_left(&js, 1).await;
    drop(live);
    consumers_left(&js, 0).await;
}

/// Waits until the stream has that many.
async fn consumers_left(js: &Context, count: usize) {
    let handle = js.get_stream("S").await.unwrap();
    let left = async {
        while handle.get_info().await.unwrap().state.consumer_count != count {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(5), left).await.unwrap();
}

#[tokio::test]
async fn a_stream_that_is_not_there_is_an_error() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let history = history(&js, &["NONE"]);
    let error = history.newest(&Filter::default(), 1).await.unwrap_err();
    assert!(matches!(error, HistoryError::Missing { .. }), "{error:?}");
    let error = history
        .range(&Filter::default(), &Start::Oldest)
        .await
        .unwrap_err();
    assert!(!error.advice().is_empty() && !error.is_transient());
}

#[tokio::test]
async fn a_topology_names_its_streams_and_those_that_are_missing() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let topology = Topology::standard("consign").unwrap();
    let (none, missing) = History::of(&js, &topology).await.unwrap();
    assert_eq!(
        (none.streams().count(), missing.len()),
        (0, topology.iter().count())
    );
    let newest = none.newest(&Filter::default(), 5).await.unwrap();
    assert_eq!(newest.len(), 0);
    ensure(&js, &topology).await;
    js.delete_stream("CONSIGN_EVENTS").await.unwrap();
    let config = Config {
        name: "ELSEWHERE".to_owned(),
        subjects: vec!["consign.events.>".to_owned()],
        ..Config::default()
    };
    create(&js, &config).await;
    js.delete_stream("CONSIGN_MCP").await.unwrap();
    for (id, subject) in [(1, "audit.t.a"), (2, "embed.requests"), (3, "events.t.a")] {
        let message = (format!("consign.{subject}"), event(id, "a"));
        publish(&js, [message]).await;
    }
    let (history, missing) = History::of(&js, &topology).await.unwrap();
    assert_eq!(
        missing.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["CONSIGN_MCP"]
    );
    let names: Vec<&str> = history.streams().map(StreamName::as_str).collect();
    assert!(names.contains(&"ELSEWHERE") && !names.contains(&"CONSIGN_EVENTS"));
    let newest = history.newest(&Filter::default(), 5).await.unwrap();
    assert_eq!(ids(&newest), [1, 2, 3]);
}
