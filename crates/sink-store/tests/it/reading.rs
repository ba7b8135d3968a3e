//! What reading may cost: bytes, connections, time.

use std::time::{Duration, Instant};

use events_core::subject::Routes;
use events_core::{ErrorKind, Event, Filter};
use futures::StreamExt as _;
use sink_store::{Config, History, Store};
use sink_testkit::postgres::Postgres;
use tokio::task::JoinSet;

use crate::{file, numbered, open, seal};

#[tokio::test]
async fn a_page_of_a_file_is_bounded_in_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let other = || rusqlite::Connection::open(dir.path().join("store.sqlite")).unwrap();
    let delete = async || {
        let deleted = other().execute("DELETE FROM agent_events", []);
        assert_eq!(deleted.unwrap(), 12);
    };
    bounded_in_bytes(open(&file(dir.path())), delete).await;
}

#[tokio::test]
async fn a_page_of_a_server_is_bounded_in_bytes() {
    let Some(server) = Postgres::start_or_skip().await else {
        return;
    };
    let delete = async || {
        let delete = server.psql("postgres", "DELETE FROM agent_events").await;
        assert_eq!(delete.unwrap(), "");
    };
    bounded_in_bytes(open(&server.url("postgres")), delete).await;
}

/// Twelve long events come back in order; and once the first has come, few of the others have been
/// read already.
async fn bounded_in_bytes(store: Store, delete: impl AsyncFn()) {
    let long = format!(r#"{{"text":"{}"}}"#, "x".repeat(900_000));
    let event = |id: usize| Event::builder(&id.to_string(), "/demo", "demo.long").json(&long);
    let events: Vec<_> = (0..12).map(|id| seal(event(id).build().unwrap())).collect();
    for result in store.append(&events).await {
        let _receipt = result.unwrap();
    }
    let history = History::new(store, Routes::default());
    let all = Filter::default();
    let newest = history.newest(&all, 11).await.unwrap();
    let ids = newest
        .iter()
        .map(|entry| entry.event.attributes().id().as_str());
    let expected: Vec<String> = (1..12).map(|id| id.to_string()).collect();
    assert_eq!(ids.collect::<Vec<_>>(), expected);

    let mut range = history.range(&all, None).await.unwrap();
    assert!(range.next().await.unwrap().is_ok());
    delete().await;
    let rest = range.count().await;
    assert!(rest < 8, "{rest} more were read at once");
}

#[test]
fn a_reading_that_is_given_up_stops() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config {
        deadline: Duration::from_millis(200),
        ..Config::default()
    };
    let store = Store::open(file(dir.path()).parse().unwrap(), config).unwrap();
    let other = rusqlite::Connection::open(dir.path().join("store.sqlite")).unwrap();
    let endless = "DROP VIEW agent_events_flat; ALTER TABLE agent_events RENAME TO kept; \
        CREATE VIEW agent_events AS WITH RECURSIVE numbers(seq) AS \
        (SELECT 1 UNION ALL SELECT seq + 1 FROM numbers) SELECT seq, '' AS wire FROM numbers";
    other.execute_batch(endless).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_time()
        .build()
        .unwrap();
    let history = History::new(store, Routes::default());
    let read = runtime.block_on(async { history.newest(&Filter::default(), 1).await });
    assert_eq!(read.unwrap_err().kind(), ErrorKind::Unavailable);
    let start = Instant::now();
    // Waits for threads that work.
    runtime.shutdown_timeout(PATIENCE);
    assert!(start.elapsed() < PATIENCE, "it is read still");
}

#[tokio::test]
async fn many_who_read_have_few_connections_and_none_goes_on_unheard() {
    let Some(server) = Postgres::start_or_skip().await else {
        return;
    };
    let url = server.url("postgres");
    let _receipt = open(&url).append(&[numbered(1)]).await.remove(0).unwrap();
    let (other, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let lock = "BEGIN; LOCK TABLE agent_events IN ACCESS EXCLUSIVE MODE";
    other.batch_execute(lock).await.unwrap();

    let config = Config {
        deadline: Duration::from_secs(2),
        readers: 2,
        ..Config::default()
    };
    let store = Store::open(url.parse().unwrap(), config).unwrap();
    let history = History::new(store, Routes::default());
    let mut readings = JoinSet::new();
    for _ in 0..20 {
        let history = history.clone();
        readings.spawn(async move { history.newest(&Filter::default(), 1).await });
    }
    let held_up = "SELECT count(*) FROM pg_stat_activity \
        WHERE application_name = 'consign' AND wait_event_type = 'Lock'";
    let mut most = 0;
    while !readings.is_empty() {
        let now: usize = server
            .psql("postgres", held_up)
            .await
            .unwrap()
            .parse()
            .unwrap();
        most = most.max(now);
        while let Some(read) = readings.try_join_next() {
            assert_eq!(read.unwrap().unwrap_err().kind(), ErrorKind::Unavailable);
        }
    }
    assert!((1..=2).contains(&most), "{most} at once");
    let start = Instant::now();
    while server.psql("postgres", held_up).await.unwrap() != "0" {
        assert!(start.elapsed() < PATIENCE, "the server reads for nobody");
    }
    other.batch_execute("ROLLBACK").await.unwrap();
    let read = history.newest(&Filter::default(), 1).await.unwrap();
    assert_eq!(read.len(), 1);
}

const PATIENCE: Duration = Duration::from_secs(10);
