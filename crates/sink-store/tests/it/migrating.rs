//! Tables of other versions, and files that are none of ours.

use events_core::Filter;
use events_core::subject::Routes;
use sink_store::{Config, History, Store, StoreError};
use sink_testkit::postgres::Postgres;

use crate::{file, numbered, open, row, wires};

#[tokio::test]
async fn newer_tables_are_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(&file(dir.path())));
    let other = rusqlite::Connection::open(dir.path().join("store.sqlite")).unwrap();
    let newer = "INSERT INTO agent_events_schema (version) VALUES (99)";
    other.execute(newer, []).unwrap();
    let refused = Store::open(file(dir.path()).parse().unwrap(), Config::default());
    assert!(matches!(refused, Err(StoreError::Newer { found: 99, .. })));
}

#[tokio::test]
async fn a_files_first_tables_are_brought_up_to_date_with_their_rows() {
    let dir = tempfile::tempdir().unwrap();
    let first = rusqlite::Connection::open(dir.path().join("store.sqlite")).unwrap();
    let tables = include_str!("../../src/sqlite/schema.sql");
    first.execute_batch(&with_a_row(tables)).unwrap();
    up_to_date(&open(&file(dir.path()))).await;
}

#[tokio::test]
async fn a_servers_first_tables_are_brought_up_to_date_with_their_rows() {
    let Some(server) = Postgres::start_or_skip().await else {
        return;
    };
    let tables = include_str!("../../src/postgres/schema.sql");
    let made = server.psql("postgres", &with_a_row(tables)).await;
    assert_eq!(made.unwrap(), "");
    up_to_date(&open(&server.url("postgres"))).await;
}

/// The tables of the first version, as it left them, with the event `7`.
fn with_a_row(tables: &str) -> String {
    let event = numbered(7);
    let (id, wire) = (event.message_id(), std::str::from_utf8(event.bytes()));
    format!(
        "CREATE TABLE agent_events_schema \
         (version bigint PRIMARY KEY, applied timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP); \
         INSERT INTO agent_events_schema (version) VALUES (1); {tables} \
         INSERT INTO agent_events (message_id, tenant, source, id, type, wire) \
         VALUES ('{id}', 'single', '/a', '7', 'b', '{}')",
        wire.unwrap()
    )
}

/// What was stored is there, and is not stored again.
async fn up_to_date(store: &Store) {
    let results = store.append(&[numbered(7), numbered(8)]).await;
    assert_eq!(results.first().map(row), Some(1));
    let history = History::new(store.clone(), Routes::default());
    let all = history.newest(&Filter::default(), 9).await.unwrap();
    assert_eq!(all.len(), 2);
}

#[tokio::test]
async fn a_file_is_its_owners_alone_and_opened_again_keeps_its_rows() {
    let dir = tempfile::tempdir().unwrap();
    for number in 0..3 {
        let store = open(&file(dir.path()));
        let _receipt = store.append(&[numbered(number)]).await.remove(0).unwrap();
        store.close().await.unwrap();
    }
    let path = dir.path().join("store.sqlite");
    assert_eq!(wires(&path).len(), 3);
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&path).unwrap());
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_may_lead_to_the_directory_and_not_to_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let real = dir.path().join("real");
    std::fs::create_dir(&real).unwrap();
    let linked = dir.path().join("linked");
    std::os::unix::fs::symlink(&real, &linked).unwrap();
    let store = open(&file(&linked));
    let _receipt = store.append(&[numbered(1)]).await.remove(0).unwrap();
    let history = History::new(store, Routes::default());
    let newest = history.newest(&Filter::default(), 1).await.unwrap();
    assert_eq!(newest.len(), 1);
    assert_eq!(wires(&real.join("store.sqlite")).len(), 1);

    let other = dir.path().join("store.sqlite");
    std::os::unix::fs::symlink(real.join("store.sqlite"), &other).unwrap();
    let refused = Store::open(file(dir.path()).parse().unwrap(), Config::default());
    assert!(
        matches!(refused, Err(StoreError::Setup { .. })),
        "{refused:?}"
    );
}

#[test]
fn what_is_no_database_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store.sqlite");
    let text = "not a database, but somebody's notes, longer than the header of one would be\n";
    std::fs::write(&path, text.repeat(20)).unwrap();
    let refused = Store::open(file(dir.path()).parse().unwrap(), Config::default());
    assert!(
        matches!(refused, Err(StoreError::Setup { .. })),
        "{refused:?}"
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text.repeat(20));
}
