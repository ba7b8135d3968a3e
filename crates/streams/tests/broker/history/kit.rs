//! Streams with events in them, and what a reading of them comes to.

use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::stream::Config;
use bytes::Bytes;
use events_core::{Event, EventSinkExt as _, NoopSink};
use futures::{StreamExt as _, TryStreamExt as _};
use streams::history::{Entries, Entry, History, HistoryError, Item};
use tokio::time::timeout;

/// A stream of limits that captures `<name>.>`.
pub(super) async fn stream(js: &Context, name: &str) {
    let config = Config {
        name: name.to_owned(),
        subjects: vec![format!("{name}.>")],
        ..Config::default()
    };
    js.create_stream(config).await.unwrap();
}

/// A sealed event.
pub(super) fn event(id: usize, kind: &str) -> Bytes {
    let event = Event::builder(&id.to_string(), "/history", kind);
    let sealed = NoopSink.seal(vec![event.build().unwrap()]).remove(0);
    sealed.unwrap().bytes().clone()
}

/// Publishes one message after the other and waits until all are stored.
pub(super) async fn publish(js: &Context, messages: impl IntoIterator<Item = (String, Bytes)>) {
    let mut acks = Vec::new();
    for (subject, payload) in messages {
        acks.push(js.publish(subject, payload).await.unwrap());
        if acks.len() == 1000 {
            for ack in acks.drain(..) {
                ack.await.unwrap();
            }
        }
    }
    for ack in acks {
        ack.await.unwrap();
    }
}

/// Events `1` to `count` under `<stream>.<kind>`, the kinds by turns.
pub(super) async fn fill(js: &Context, stream: &str, count: usize, kinds: &[&str]) {
    let turns = (1..=count).zip(kinds.iter().cycle());
    let messages = turns.map(|(id, kind)| (format!("{stream}.{kind}"), event(id, kind)));
    publish(js, messages).await;
}

pub(super) fn history(js: &Context, streams: &[&str]) -> History {
    History::new(js, streams.iter().map(|name| name.parse().unwrap()))
}

/// The ids of events.
pub(super) fn ids(items: &[Item]) -> Vec<usize> {
    let id = |item: &Item| {
        let event = item.event().unwrap();
        event.attributes().id().as_str().parse().unwrap()
    };
    items.iter().map(id).collect()
}

/// All of a reading: its items, and its gaps in words.
pub(super) async fn all(mut entries: Entries) -> Result<(Vec<Item>, Vec<String>), HistoryError> {
    let (mut items, mut gaps) = (Vec::new(), Vec::new());
    while let Some(entry) = entries.try_next().await? {
        match entry {
            Entry::Item(item) => items.push(item),
            Entry::Gap(gap) => gaps.push(gap.to_string()),
        }
    }
    Ok((items, gaps))
}

/// The next of a reading that has no end.
pub(super) async fn next(entries: &mut Entries) -> Entry {
    let next = timeout(Duration::from_secs(20), entries.next()).await;
    next.unwrap().unwrap().unwrap()
}

/// The same where it is an event: its id.
pub(super) async fn next_id(entries: &mut Entries) -> usize {
    match next(entries).await {
        Entry::Item(item) => ids(&[item]).remove(0),
        Entry::Gap(gap) => panic!("a gap: {gap}"),
    }
}
