//! History: the newest, a range, complete or an error.

use events_core::subject::Routes;
use events_core::{Event, Filter};
use futures::TryStreamExt as _;
use sink_store::{Entry, History, Store};

use crate::{file, open, seal};

#[tokio::test]
async fn a_files_history_is_complete() {
    let dir = tempfile::tempdir().unwrap();
    check(open(&file(dir.path()))).await;
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&file(dir.path()));
    let history = History::new(store.clone(), Routes::default());
    assert!(
        history
            .newest(&Filter::default(), 1)
            .await
            .unwrap()
            .is_empty()
    );
    store.close().await.unwrap();
    std::fs::remove_file(dir.path().join("store.sqlite")).unwrap();
    assert!(history.newest(&Filter::default(), 1).await.is_err());
}

/// Stores 1,300 events, more than are read at once, and asks for them in every way.
pub(crate) async fn check(store: Store) {
    for (number, result) in store.append(&events()).await.into_iter().enumerate() {
        assert!(result.is_ok(), "event {number}: {result:?}");
    }
    let history = History::new(store, Routes::default());
    let newest = async |filter: &Filter, limit| ids(&history.newest(filter, limit).await.unwrap());
    let all = Filter::default();
    assert_eq!(newest(&all, 3).await, [1297, 1298, 1299]);
    assert!(newest(&all, 0).await.is_empty());
    assert_eq!(newest(&all, 9999).await, (0..COUNT).collect::<Vec<_>>());

    let tenant = Filter {
        tenant: Some("acme".parse().unwrap()),
        ..Filter::default()
    };
    assert_eq!(newest(&tenant, 2).await, [1290, 1295]);
    let subject = Filter {
        subject: Some("consign.events.acme.>".parse().unwrap()),
        ..Filter::default()
    };
    assert_eq!(newest(&subject, 2).await, [1290, 1295]);
    let kind = Filter {
        kind: Some("demo.odd".parse().unwrap()),
        source: Some("/demo".parse().unwrap()),
        ..Filter::default()
    };
    assert_eq!(newest(&kind, 2).await, [1297, 1299]);

    // Half a microsecond past a second: the bound is exact, though columns are not.
    let time = |text: &str| Some(text.parse().unwrap());
    let times = Filter {
        since: time("2026-01-01T00:00:10.0000005Z"),
        until: time("2026-01-01T00:00:13.0000005Z"),
        ..Filter::default()
    };
    assert_eq!(newest(&times, 9).await, [11, 12, 13]);
    let entries: Vec<Entry> = range(&history, &times, None).await;
    assert_eq!(ids(&entries), [11, 12, 13]);

    let entries = range(&history, &all, None).await;
    assert_eq!(ids(&entries), (0..COUNT).collect::<Vec<_>>());
    let after = entries.get(899).unwrap().row;
    let rest = range(&history, &all, Some(after)).await;
    assert_eq!(ids(&rest), (900..COUNT).collect::<Vec<_>>());
    let same = rest
        .iter()
        .zip(events().iter().skip(900))
        .all(|(entry, event)| entry.event.bytes() == event.bytes());
    assert!(same, "an event came back with other bytes");
}

async fn range(history: &History, filter: &Filter, after: Option<u64>) -> Vec<Entry> {
    let entries = history.range(filter, after).await.unwrap();
    entries.try_collect().await.unwrap()
}

fn ids(entries: &[Entry]) -> Vec<usize> {
    let ids = entries
        .iter()
        .map(|entry| entry.event.attributes().id().as_str());
    ids.map(|id| id.parse().unwrap()).collect()
}

/// Every second one is odd, every fifth is acme's, each a second after the one before.
fn events() -> Vec<events_core::WireEvent> {
    let event = |number: usize| {
        let kind = if number.is_multiple_of(2) {
            "demo.even"
        } else {
            "demo.odd"
        };
        let tenant = if number.is_multiple_of(5) {
            "acme"
        } else {
            "other"
        };
        let (minute, second) = (number / 60, number % 60);
        let event = Event::builder(&number.to_string(), "/demo", kind)
            .time(&format!("2026-01-01T00:{minute:02}:{second:02}Z"));
        seal(event.extension("tenantid", tenant).build().unwrap())
    };
    (0..COUNT).map(event).collect()
}

const COUNT: usize = 1300;
