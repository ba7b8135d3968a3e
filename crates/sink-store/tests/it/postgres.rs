//! The same over a PostgreSQL server, and what only a server does: go away and come back.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use events_core::subject::Routes;
use events_core::{ErrorKind, EventSink, Filter};
use serde_json::{Value, json};
use sink_store::{Config, History, Store, StoreError};
use sink_testkit::leaf::{self, LeafUnderTest};
use sink_testkit::postgres::Postgres;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::columns::{TEXTS, both, expected, readme};
use crate::{conforming, numbered, open, past, refusing};

#[tokio::test]
async fn a_server_does_what_every_leaf_must() {
    let Some(server) = Postgres::start_or_skip().await else {
        return;
    };
    let next = AtomicUsize::new(0);
    let make = || Database {
        server: &server,
        name: format!("place{}", next.fetch_add(1, Ordering::Relaxed)),
        is_made: false,
    };
    leaf::all(make, conforming::features()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_under_load_has_every_row_once() {
    let Some(mut server) = Postgres::start_or_skip().await else {
        return;
    };
    let store = open(&server.url("postgres"));
    let stored = Arc::new(watch::Sender::new(0));
    let failed = Arc::new(AtomicUsize::new(0));
    let mut senders = JoinSet::new();
    for sender in 0..SENDERS {
        let (store, stored, failed) = (store.clone(), stored.clone(), failed.clone());
        senders.spawn(async move {
            for first in (sender * BATCH..EVENTS).step_by(SENDERS * BATCH) {
                let mut left: Vec<_> = (first..EVENTS.min(first + BATCH)).map(numbered).collect();
                while !left.is_empty() {
                    let results = store.append(&left).await;
                    let mut results = results.into_iter();
                    let before = left.len();
                    left.retain(|_| match results.next().unwrap() {
                        Ok(_receipt) => false,
                        Err(error) => {
                            assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
                            failed.fetch_add(1, Ordering::Relaxed);
                            true
                        }
                    });
                    stored.send_modify(|stored| *stored += before - left.len());
                    if !left.is_empty() {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
            }
        });
    }
    for share in [EVENTS / 5, EVENTS / 2] {
        let mut heard = stored.subscribe();
        heard.wait_for(|stored| *stored >= share).await.unwrap();
        server.kill().await.unwrap();
        server.restart().await.unwrap();
    }
    senders.join_all().await;
    assert!(
        failed.load(Ordering::Relaxed) > 0,
        "nobody noticed the kill"
    );
    let sql = "SELECT count(*), count(DISTINCT id), count(DISTINCT seq) FROM agent_events";
    let counts = server.psql("postgres", sql).await.unwrap();
    assert_eq!(counts, format!("{EVENTS}|{EVENTS}|{EVENTS}"));
}

#[tokio::test]
async fn a_connection_that_was_cut_is_made_anew_before_anybody_notices() {
    let Some(server) = Postgres::start_or_skip().await else {
        return;
    };
    let store = open(&server.url("postgres"));
    let mut rows = HashSet::new();
    for number in 0..5 {
        rows.insert(crate::row(
            &store.append(&[numbered(number)]).await.remove(0),
        ));
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
            WHERE application_name = 'consign'";
        assert_eq!(server.psql("postgres", cut).await.unwrap(), "t");
    }
    assert_eq!(rows.len(), 5);
}

#[tokio::test]
async fn psql_reads_the_rows_as_documented() {
    let Some(server) = Postgres::start_or_skip().await else {
        return;
    };
    let store = open(&server.url("postgres"));
    for result in store.append(&both()).await {
        let _receipt = result.unwrap();
    }
    let ask = async |columns: &str, table: &str| -> Value {
        let sql = format!(
            "SELECT json_agg(rows ORDER BY seq) FROM (SELECT seq, {columns} FROM {table}) AS rows"
        );
        let text = server.psql("postgres", &sql).await.unwrap();
        let mut rows: Value = serde_json::from_str(&text).unwrap();
        for row in rows.as_array_mut().unwrap() {
            row.as_object_mut().unwrap().remove("seq");
        }
        rows
    };
    let texts = format!("{TEXTS}, attrs::text");
    assert_eq!(ask(&texts, "agent_events").await, expected());
    let [record, other] = both();
    let wire = |event: &events_core::WireEvent| json!({"wire": std::str::from_utf8(event.bytes()).unwrap()});
    let wires = ask("wire", "agent_events").await;
    assert_eq!(wires, json!([wire(&record), wire(&other)]));
    let time = "time AT TIME ZONE 'UTC' AS time, event";
    let flat = json!([
        {"time": "2026-01-01T00:00:00.123456", "event": "mcpclient.connect"},
        {"time": "2026-01-01T00:00:01", "event": "tool.started"},
    ]);
    assert_eq!(ask(time, "agent_events_flat").await, flat);
}

#[tokio::test]
async fn what_the_readme_says_of_psql_works() {
    let Some(server) = Postgres::start_or_skip().await else {
        return;
    };
    let store = open(&server.url("postgres"));
    for result in store.append(&both()).await {
        let _receipt = result.unwrap();
    }
    let programs = sink_testkit::postgres::find_programs().unwrap();
    let url = server.url("postgres");
    let told = readme("psql ", |command| {
        command.env("URL", &url).env("PATH", &programs)
    });
    assert!(told.contains("server-3") && told.contains("none"), "{told}");
}

#[tokio::test]
async fn a_servers_history_is_complete() {
    let Some(mut server) = Postgres::start_or_skip().await else {
        return;
    };
    let store = open(&server.url("postgres"));
    past::check(store.clone()).await;
    assert_eq!(store.failure(), None);
    server.kill().await.unwrap();
    let _error = store.append(&[numbered(1)]).await.remove(0).unwrap_err();
    assert!(matches!(store.failure(), Some(StoreError::Away { .. })));
    let history = History::new(store, Routes::default());
    let refused = history.newest(&Filter::default(), 1).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_server_keeps_the_first_of_an_identity_and_refuses_one_event_alone() {
    let Some(server) = Postgres::start_or_skip().await else {
        return;
    };
    let store = open(&server.url("postgres"));
    refusing::same_identity(&store).await;
    assert_eq!(server.psql("postgres", COUNT).await.unwrap(), "1");
    let rule = "DELETE FROM agent_events; ALTER TABLE agent_events ADD CHECK (id <> '3')";
    server.psql("postgres", rule).await.unwrap();
    refusing::one_is_refused(&store).await;
    assert_eq!(server.psql("postgres", COUNT).await.unwrap(), "7");
}

#[tokio::test]
async fn a_row_that_a_trigger_or_a_policy_refuses_fails_alone() {
    let Some(server) = Postgres::start_or_skip().await else {
        return;
    };
    let owner = server.url("postgres");
    drop(open(&owner).append(&[numbered(9)]).await);
    let trigger = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
        IF NEW.id = '3' THEN RAISE EXCEPTION 'no % here', NEW.id USING ERRCODE = TG_ARGV[0]; \
        END IF; RETURN NEW; END $$";
    server.psql("postgres", trigger).await.unwrap();
    // As PL/pgSQL has it by itself, a view's check, a missing right, and a code of the owner's own.
    for code in ["P0001", "44000", "42501", "C0001"] {
        let rule = format!(
            "DELETE FROM agent_events; \
             CREATE OR REPLACE TRIGGER picky BEFORE INSERT ON agent_events \
             FOR EACH ROW EXECUTE FUNCTION refuse('{code}')"
        );
        server.psql("postgres", &rule).await.unwrap();
        let store = open(&owner);
        refusing::one_is_refused(&store).await;
        assert_eq!(store.failure(), None, "{code}");
        assert_eq!(server.psql("postgres", COUNT).await.unwrap(), "7", "{code}");
    }
    let policy = format!(
        "DROP TRIGGER picky ON agent_events; DELETE FROM agent_events; {CLERK}; \
         ALTER TABLE agent_events ENABLE ROW LEVEL SECURITY; \
         CREATE POLICY reading ON agent_events FOR SELECT TO clerk USING (true); \
         CREATE POLICY writing ON agent_events FOR INSERT TO clerk WITH CHECK (id <> '3')"
    );
    server.psql("postgres", &policy).await.unwrap();
    let clerk = owner.replace("consign:secret", "clerk:pen");
    refusing::one_is_refused(&open(&clerk)).await;
    assert_eq!(server.psql("postgres", COUNT).await.unwrap(), "7");

    // Without the right to the table it is no row's fault.
    let revoke = "REVOKE INSERT ON agent_events FROM clerk";
    server.psql("postgres", revoke).await.unwrap();
    let error = open(&clerk).append(&[numbered(8)]).await.remove(0);
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Config);
}

#[tokio::test]
async fn logins_and_tables_that_do_not_fit_are_the_operators_and_no_password_is_told() {
    let Some(server) = Postgres::start_or_skip().await else {
        return;
    };
    let good = server.url("postgres");
    let wrong = good.replace("secret", "hunter2");
    let absent = server.url("absent");
    let options = ["sslmode=require", "channel_binding=require"];
    let options = options.map(|option| format!("{good}?{option}"));
    for url in [wrong, absent].into_iter().chain(options) {
        let store = open(&url);
        let error = store.append(&[numbered(1)]).await.remove(0).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
        let said = format!("{error:?} {store:?}");
        assert!(
            !said.contains("hunter2") && !said.contains("secret"),
            "{said}"
        );
    }
    // Whoever may do no more than this may use tables that are there.
    drop(open(&good).append(&[numbered(1)]).await);
    server.psql("postgres", CLERK).await.unwrap();
    let clerk = good.replace("consign:secret", "clerk:pen");
    let stored = open(&clerk).append(&[numbered(2)]).await.remove(0);
    assert!(stored.is_ok(), "{stored:?}");

    let newer = "INSERT INTO agent_events_schema (version) VALUES (99)";
    server.psql("postgres", newer).await.unwrap();
    let error = open(&good)
        .append(&[numbered(3)])
        .await
        .remove(0)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let source = std::error::Error::source(&error).and_then(|source| source.downcast_ref());
    assert!(matches!(source, Some(StoreError::Newer { found: 99, .. })));
}

#[tokio::test]
async fn many_that_find_no_tables_make_them_once() {
    let Some(server) = Postgres::start_or_skip().await else {
        return;
    };
    let mut stores = JoinSet::new();
    for number in 0..8 {
        let url = server.url("postgres");
        stores.spawn(async move {
            let stored = open(&url).append(&[numbered(number)]).await.remove(0);
            assert!(stored.is_ok(), "{stored:?}");
        });
    }
    stores.join_all().await;
    assert_eq!(server.psql("postgres", COUNT).await.unwrap(), "8");
}

#[tokio::test]
async fn a_server_that_keeps_silent_costs_one_deadline() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("postgres://me:secret@127.0.0.1:{port}/x");
    let deadline = Duration::from_millis(300);
    let config = Config {
        deadline,
        ..Config::default()
    };
    let store = Store::open(url.parse().unwrap(), config).unwrap();
    let start = std::time::Instant::now();
    let error = store.append(&[numbered(1)]).await.remove(0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(start.elapsed() < deadline * 5);
}

/// A database of its own on a server that several share.
struct Database<'a> {
    server: &'a Postgres,
    name: String,
    is_made: bool,
}

impl LeafUnderTest for Database<'_> {
    async fn open(&mut self) -> Arc<dyn EventSink> {
        if !self.is_made {
            let sql = format!("CREATE DATABASE {}", self.name);
            self.server.psql("postgres", &sql).await.unwrap();
            self.is_made = true;
        }
        conforming::sink(&self.server.url(&self.name))
    }

    async fn read_back(&mut self) -> Vec<Bytes> {
        let there = "SELECT to_regclass('agent_events') IS NOT NULL";
        if self.server.psql(&self.name, there).await.unwrap() == "f" {
            return Vec::new();
        }
        let sql = "SELECT wire FROM agent_events ORDER BY seq";
        let text = self.server.psql(&self.name, sql).await.unwrap();
        text.lines()
            .map(|line| Bytes::from(line.to_owned()))
            .collect()
    }

    async fn cut_off(&mut self) {
        let name = &self.name;
        let sql = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false");
        self.server.psql("postgres", &sql).await.unwrap();
        let sql = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        );
        self.server.psql("postgres", &sql).await.unwrap();
    }
}

/// A login that may do no more than it needs.
const CLERK: &str = "CREATE ROLE clerk LOGIN PASSWORD 'pen'; \
    GRANT SELECT ON agent_events_schema TO clerk; GRANT SELECT, INSERT ON agent_events TO clerk";
const COUNT: &str = "SELECT count(*) FROM agent_events";
const EVENTS: usize = 100_000;
const SENDERS: usize = 16;
const BATCH: usize = 100;
