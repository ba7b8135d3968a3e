use std::collections::HashMap;

use chrono::{DateTime, Utc};
use tokio_postgres::Statement;
use tokio_postgres::types::ToSql;

use super::error::fault;
use super::session::Session;
use crate::StoreError;
use crate::backend::Stored;
use crate::row::{Row, TEXTS, columns};

impl Session {
    /// Stores rows with one statement, which is a transaction of its own.
    pub(super) async fn write(&mut self, rows: &[Row<'_>]) -> Result<Vec<Stored>, StoreError> {
        let insert = self.insert().await?;
        let mut texts = vec![Vec::with_capacity(rows.len()); TEXTS.len()];
        for row in rows {
            for (column, text) in texts.iter_mut().zip(row.texts()) {
                column.push(text);
            }
        }
        let times: Vec<Option<DateTime<Utc>>> = rows.iter().map(|row| row.time).collect();
        let columns = texts.iter().map(|column| column as &(dyn ToSql + Sync));
        let columns: Vec<_> = columns.chain([&times as &(dyn ToSql + Sync)]).collect();
        let inserted = self.client.query(&insert, &columns).await;
        let mut new = HashMap::with_capacity(rows.len());
        for row in inserted.map_err(|error| fault(&error))? {
            let read = row.try_get(0).and_then(|seq| Ok((row.try_get(1)?, seq)));
            let (id, seq): (String, i64) = read.map_err(|error| fault(&error))?;
            new.insert(id, seq);
        }
        let is_known = |row: &&Row<'_>| !new.contains_key(row.message_id());
        let known: Vec<&str> = rows.iter().filter(is_known).map(Row::message_id).collect();
        let known = self.known(&known).await?;
        // Within a batch the first of an identity is stored.
        let mut first: HashMap<&str, &str> = HashMap::new();
        rows.iter()
            .map(|row| {
                let id = row.message_id();
                if let Some(seq) = new.get(id) {
                    let stored = first.entry(id).or_insert(row.wire());
                    let is_same = *stored == row.wire();
                    return Ok(Stored { row: *seq, is_same });
                }
                let (seq, wire) = known.get(id).ok_or_else(removed)?;
                let is_same = wire == row.wire();
                Ok(Stored { row: *seq, is_same })
            })
            .collect()
    }

    /// The rows of identities that were there before, and what they hold.
    async fn known(&self, ids: &[&str]) -> Result<HashMap<String, (i64, String)>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let found = self.client.query(FIND, &[&ids]).await;
        let found = found.map_err(|error| fault(&error))?;
        let rows = found.iter().map(|row| {
            let wire: String = row.try_get(2)?;
            Ok((row.try_get(0)?, (row.try_get(1)?, wire)))
        });
        rows.collect::<Result<_, _>>()
            .map_err(|error| fault(&error))
    }

    async fn insert(&mut self) -> Result<Statement, StoreError> {
        if let Some(insert) = &self.insert {
            return Ok(insert.clone());
        }
        let prepared = self.client.prepare(&insert()).await;
        let prepared = prepared.map_err(|error| fault(&error))?;
        Ok(self.insert.insert(prepared).clone())
    }
}

/// A row went away between two statements: others delete rows. It is stored when sent again.
fn removed() -> StoreError {
    let reason = "a row was deleted while it was looked at".to_owned();
    StoreError::Away { reason }
}

/// One array for each column. Numbers are given out in the order of the rows.
fn insert() -> String {
    let columns = columns();
    let arrays = (1..=TEXTS.len()).map(|number| format!("${number}::text[]"));
    let arrays: Vec<String> = arrays.collect();
    let (arrays, last) = (arrays.join(", "), TEXTS.len() + 1);
    let values = columns.replace("\"attrs\"", "\"attrs\"::json");
    format!(
        "INSERT INTO agent_events ({columns}) \
         SELECT {values} FROM unnest({arrays}, ${last}::timestamptz[]) \
         WITH ORDINALITY AS given ({columns}, \"position\") ORDER BY \"position\" \
         ON CONFLICT (message_id) DO NOTHING RETURNING seq, message_id"
    )
}

const FIND: &str = "SELECT message_id, seq, wire FROM agent_events WHERE message_id = ANY($1)";
