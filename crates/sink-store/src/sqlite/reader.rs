use std::path::PathBuf;

use async_trait::async_trait;
use bytes::Bytes;
use rusqlite::{Connection, OpenFlags, params_from_iter};
use tokio::task::spawn_blocking;

use super::error::fault;
use crate::backend::{Found, Reader};
use crate::query::Query;
use crate::{Config, StoreError};

/// A connection that cannot write. None while a page is read by another thread.
#[derive(Debug)]
pub(crate) struct SqliteReader(Option<Connection>);

impl SqliteReader {
    pub(crate) async fn open(path: PathBuf, config: &Config) -> Result<Self, StoreError> {
        let config = config.clone();
        let access = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let opened = spawn_blocking(move || super::connect(&path, access, &config));
        let connection = opened.await.map_err(|_| StoreError::Closed)??;
        Ok(Self(Some(connection)))
    }

    async fn with<T: Send + 'static>(
        &mut self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let connection = self.0.take().ok_or(StoreError::Closed)?;
        let reading = spawn_blocking(move || {
            let result = read(&connection);
            (connection, result)
        });
        let (connection, result) = reading.await.map_err(|_| StoreError::Closed)?;
        self.0 = Some(connection);
        result.map_err(|error| fault(&error))
    }
}

#[async_trait]
impl Reader for SqliteReader {
    async fn page(&mut self, query: &Query) -> Result<Vec<Found>, StoreError> {
        let query = query.clone();
        self.with(move |connection| {
            let mut statement = connection.prepare(&query.sql('?'))?;
            let rows = statement.query_map(params_from_iter(query.values()), |row| {
                Ok(Found {
                    row: row.get(0)?,
                    wire: Bytes::from(row.get::<_, String>(1)?),
                })
            })?;
            rows.collect()
        })
        .await
    }

    async fn newest(&mut self) -> Result<i64, StoreError> {
        let sql = "SELECT coalesce(max(seq), 0) FROM agent_events";
        self.with(move |connection| connection.query_row(sql, [], |row| row.get(0)))
            .await
    }
}
