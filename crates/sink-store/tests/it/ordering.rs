//! Several that store at once, and one who reads what comes.

use std::time::Duration;

use events_core::subject::Routes;
use events_core::{ErrorKind, Filter, WireEvent};
use futures::{StreamExt as _, stream};
use sink_store::{Config, Entry, History, Start, Store};
use sink_testkit::postgres::Postgres;
use tokio::time::timeout;
use tokio_postgres::{Client, NoTls};

use crate::{numbered, open};

#[tokio::test]
async fn a_row_committed_late_is_passed_over_by_nobody() {
    let Some(server) = Postgres::start_or_skip().await else {
        return;
    };
    let store = open(&server.url("postgres"));
    let first = crate::row(&store.append(&[numbered(0)]).await.remove(0));
    let history = History::new(store.clone(), Routes::default());
    let wanted = Filter::default();
    let followed = history.follow(&wanted, Start::After(first), stream::pending().boxed());
    let mut followed = followed.await.unwrap();

    // Another process has the number of a row, and has not committed it.
    let other = session(&server).await;
    other.batch_execute("BEGIN").await.unwrap();
    insert(&other, &numbered(1)).await;
    // One that gave up, whose statement the server still has, and one that waits.
    let config = Config {
        deadline: Duration::from_millis(300),
        ..Config::default()
    };
    let hasty = Store::open(server.url("postgres").parse().unwrap(), config).unwrap();
    let given_up = hasty.append(&[numbered(2)]).await.remove(0);
    assert_eq!(given_up.unwrap_err().kind(), ErrorKind::Unavailable);
    let waiting = tokio::spawn(async move { store.append(&[numbered(3)]).await.remove(0) });
    blocked_or_stored(&server).await;

    let before = history.range(&wanted, Some(first)).await.unwrap();
    assert_eq!(before.count().await, 0, "a row above one that is to come");
    other.batch_execute("COMMIT").await.unwrap();
    let third = crate::row(&waiting.await.unwrap());
    let mut rows = Vec::new();
    while rows.last().is_none_or(|(row, _)| *row < third) {
        let entry = timeout(Duration::from_secs(10), followed.next()).await;
        rows.push(told(
            &entry.expect("a row was passed over").unwrap().unwrap(),
        ));
    }
    let ids: Vec<&str> = rows.iter().map(|(_, id)| id.as_str()).collect();
    assert!(rows.is_sorted(), "{rows:?}");
    assert!(ids.starts_with(&["1"]) && ids.contains(&"3"), "{ids:?}");
    let stored = server.psql(
        "postgres",
        "SELECT count(*) FROM agent_events WHERE seq > 1",
    );
    assert_eq!(stored.await.unwrap(), rows.len().to_string());
}

fn told(entry: &Entry) -> (u64, String) {
    (entry.row, entry.event.attributes().id().as_str().to_owned())
}

/// A connection of another program's.
async fn session(server: &Postgres) -> Client {
    let connected = tokio_postgres::connect(&server.url("postgres"), NoTls).await;
    let (client, connection) = connected.unwrap();
    tokio::spawn(connection);
    client
}

async fn insert(client: &Client, event: &WireEvent) {
    let attributes = event.attributes();
    let texts = [
        &event.message_id().to_string(),
        event.tenant().as_str(),
        attributes.source().as_str(),
        attributes.id().as_str(),
        attributes.kind().as_str(),
        std::str::from_utf8(event.bytes()).unwrap(),
    ];
    let sql = "INSERT INTO agent_events (message_id, tenant, source, id, type, wire) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    let inserted = client.execute_raw(sql, texts).await;
    assert_eq!(inserted.unwrap(), 1);
}

/// Until the server holds up who stores the third event, or has it.
async fn blocked_or_stored(server: &Postgres) {
    let sql = "SELECT EXISTS (SELECT FROM agent_events WHERE id = '3') OR 1 <= (SELECT count(*) \
        FROM pg_stat_activity WHERE application_name = 'consign' AND wait_event_type = 'Lock')";
    while server.psql("postgres", sql).await.unwrap() != "t" {}
}
