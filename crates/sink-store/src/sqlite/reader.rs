use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use rusqlite::{Connection, OpenFlags, params_from_iter};
use tokio::task::spawn_blocking;

use super::error::fault;
use crate::backend::{Found, Reader};
use crate::query::{Query, Times, is_full};
use crate::{Config, StoreError};

/// Makes a connection that cannot write for each reading: that takes no time, and finds a file that
/// was put in the place of another.
#[derive(Debug)]
pub(crate) struct SqliteReader {
    path: PathBuf,
    config: Config,
}

impl SqliteReader {
    pub(crate) fn new(path: PathBuf, config: Config) -> Self {
        Self { path, config }
    }

    /// Reads on a thread of its own, which stops when this is dropped.
    async fn with<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (path, config) = (self.path.clone(), self.config.clone());
        let (listening, is_over) = Listening::new();
        let reading = spawn_blocking(move || {
            let access = OpenFlags::SQLITE_OPEN_READ_ONLY;
            let mut connection = super::connect(&path, access, &config)?;
            let is_over = move || is_over.load(Ordering::Relaxed);
            let read = connection
                .progress_handler(STEPS, Some(is_over))
                .and_then(|()| read(&connection));
            read.map_err(|error| fault(&error))
        });
        let read = reading.await.map_err(|_| StoreError::Closed)?;
        drop(listening);
        read
    }
}

#[async_trait]
impl Reader for SqliteReader {
    async fn page(&mut self, query: &Query) -> Result<Vec<Found>, StoreError> {
        let query = query.clone();
        self.with(move |connection| {
            let mut statement = connection.prepare(&query.sql('?'))?;
            let mut rows = statement.query(params_from_iter(query.values()))?;
            let (mut page, mut bytes) = (Vec::new(), 0);
            while !is_full(page.len(), bytes)
                && let Some(row) = rows.next()?
            {
                let wire = Bytes::from(row.get::<_, String>(1)?);
                bytes += wire.len();
                page.push(Found {
                    row: row.get(0)?,
                    wire,
                });
            }
            Ok(page)
        })
        .await
    }

    async fn newest(&mut self) -> Result<i64, StoreError> {
        let sql = "SELECT coalesce(max(seq), 0) FROM agent_events";
        self.with(move |connection| connection.query_row(sql, [], |row| row.get(0)))
            .await
    }

    async fn span(&mut self, times: &Times) -> Result<Option<(i64, i64)>, StoreError> {
        let times = times.clone();
        self.with(move |connection| {
            let values = params_from_iter(times.values());
            connection.query_row(&times.sql('?'), values, |row| {
                let (first, last): (Option<i64>, Option<i64>) = (row.get(0)?, row.get(1)?);
                Ok(first.zip(last))
            })
        })
        .await
    }

    fn is_lost(&self) -> bool {
        false
    }
}

/// Held by who waits for an answer. Dropped, it tells who works for it.
struct Listening(Arc<AtomicBool>);

impl Listening {
    fn new() -> (Self, Arc<AtomicBool>) {
        let is_over = Arc::new(AtomicBool::new(false));
        (Self(Arc::clone(&is_over)), is_over)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// After how many steps of SQLite's machine it asks whether to go on: well under a millisecond.
const STEPS: i32 = 4096;

#[cfg(test)]
mod tests {
    use events_core::Filter;
    use rusqlite::{Connection, params_from_iter};

    use crate::Config;
    use crate::query::{Order, Query, Times, Value};
    use crate::sqlite::Sqlite;

    #[test]
    fn pages_are_found_by_number_and_times_by_an_index_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.sqlite");
        let Sqlite { connection } = Sqlite::open(&path, &Config::default()).unwrap();
        let tenant = Some("acme".parse().unwrap());
        let kind = Some("demo.odd".parse().unwrap());
        let since = Some("2026-01-01T00:00:00Z".parse().unwrap());
        let filters = [
            ("rowid", Filter::default()),
            (
                "rowid",
                Filter {
                    since,
                    until: since,
                    ..Filter::default()
                },
            ),
            (
                "tenant",
                Filter {
                    tenant,
                    since,
                    ..Filter::default()
                },
            ),
            (
                "type",
                Filter {
                    kind,
                    since,
                    ..Filter::default()
                },
            ),
        ];
        for (by, filter) in filters {
            for order in [Order::OldestFirst, Order::NewestFirst] {
                let query = Query::new(&filter, 7, 900, order);
                let plan = plan(&connection, &query.sql('?'), query.values());
                assert!(plan.contains(&format!("({by}")) || by == "rowid", "{plan}");
                assert!(
                    plan.contains("rowid>?") && !plan.contains("B-TREE"),
                    "{plan}"
                );
            }
            if let Some(times) = Times::of(&filter) {
                let plan = plan(&connection, &times.sql('?'), times.values());
                assert!(plan.contains("COVERING INDEX agent_events_time"), "{plan}");
            }
        }
    }

    fn plan<'a>(
        connection: &Connection,
        sql: &str,
        values: impl Iterator<Item = &'a Value>,
    ) -> String {
        let explain = format!("EXPLAIN QUERY PLAN {sql}");
        let mut plan = connection.prepare(&explain).unwrap();
        let steps = plan.query_map(params_from_iter(values), |row| row.get("detail"));
        let steps: Vec<String> = steps.unwrap().map(Result::unwrap).collect();
        steps.join("; ")
    }
}
