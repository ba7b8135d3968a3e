//! A SQLite file: the writer's connection and the readers'.

mod error;
mod migrate;
mod reader;

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rusqlite::types::{ToSqlOutput, Value as SqlValue};
use rusqlite::{Connection, OpenFlags, ToSql, TransactionBehavior, params_from_iter};

use self::error::fault;
pub(crate) use self::reader::SqliteReader;
use crate::backend::{Backend, Stored};
use crate::row::{Row, TEXTS, columns};
use crate::{Config, StoreError};

/// The connection that writes. Every commit is on disk before it returns.
#[derive(Debug)]
pub(crate) struct Sqlite {
    connection: Connection,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, config: &Config) -> Result<Self, StoreError> {
        create(path)?;
        let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, config)?;
        let setup = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";
        connection
            .execute_batch(setup)
            .map_err(|error| fault(&error))?;
        migrate::migrate(&mut connection)?;
        Ok(Self { connection })
    }

    fn write(&mut self, rows: &[Row<'_>]) -> rusqlite::Result<Vec<Stored>> {
        let behavior = TransactionBehavior::Immediate;
        let transaction = self.connection.transaction_with_behavior(behavior)?;
        let mut stored = Vec::with_capacity(rows.len());
        {
            let mut insert = transaction.prepare(&insert())?;
            let mut find = transaction.prepare(FIND)?;
            for row in rows {
                let time = row.time.map(text_of);
                let texts = row.texts().chain([time.as_deref()]);
                let is_new = insert.execute(params_from_iter(texts))? > 0;
                stored.push(if is_new {
                    let row = transaction.last_insert_rowid();
                    Stored { row, is_same: true }
                } else {
                    find.query_row([row.wire(), row.message_id()], |found| {
                        Ok(Stored {
                            row: found.get(0)?,
                            is_same: found.get(1)?,
                        })
                    })?
                });
            }
        }
        transaction.commit()?;
        Ok(stored)
    }
}

impl Backend for Sqlite {
    fn write(&mut self, rows: &[Row<'_>]) -> Result<Vec<Stored>, StoreError> {
        Self::write(self, rows).map_err(|error| fault(&error))
    }
}

/// The file with its directory's own path: the library's flag refuses links anywhere in a path, and
/// only the file itself must be none.
fn place(path: &Path) -> Result<PathBuf, StoreError> {
    let unusable = |kind: io::ErrorKind| StoreError::Setup {
        reason: format!("find {}: {kind}", path.display()),
    };
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(unusable(io::ErrorKind::IsADirectory));
    };
    let directory = match directory.as_os_str().is_empty() {
        true => Path::new("."),
        false => directory,
    };
    let directory = directory.canonicalize();
    let directory = directory.map_err(|error| unusable(error.kind()))?;
    Ok(directory.join(name))
}

/// A file that its owner alone can read, which the files beside it take after.
fn create(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::Setup {
            reason: format!("make {}: {}", path.display(), error.kind()),
        }),
    }
}

fn connect(path: &Path, access: OpenFlags, config: &Config) -> Result<Connection, StoreError> {
    // One thread at a time has a connection, so it needs no lock of its own.
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let opened = Connection::open_with_flags(place(path)?, flags).and_then(|connection| {
        // Half, so that the answer still reaches who waits.
        connection.busy_timeout(config.deadline / 2)?;
        Ok(connection)
    });
    opened.map_err(|error| fault(&error))
}

fn insert() -> String {
    let marks: Vec<String> = (1..=TEXTS.len() + 1)
        .map(|number| format!("?{number}"))
        .collect();
    let (columns, marks) = (columns(), marks.join(", "));
    format!(
        "INSERT INTO agent_events ({columns}) VALUES ({marks}) ON CONFLICT (message_id) DO NOTHING"
    )
}

/// A time as the column has it: UTC with microseconds, so that the order of texts is that of times.
fn text_of(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

impl ToSql for crate::query::Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Number(number) => ToSqlOutput::Owned(SqlValue::Integer(*number)),
            Self::Text(text) => ToSqlOutput::from(text.as_str()),
            Self::Time(time) => ToSqlOutput::Owned(SqlValue::Text(text_of(*time))),
        })
    }
}

const FIND: &str = "SELECT seq, wire = ?1 FROM agent_events WHERE message_id = ?2";
