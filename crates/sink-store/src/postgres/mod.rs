//! A PostgreSQL server: the writer's connection and the readers'.

mod error;
mod hold;
mod migrate;
mod reader;
mod session;
mod write;

use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

use self::hold::Hold;
pub(crate) use self::reader::PostgresReader;
use self::session::{Session, within};
use crate::backend::{Backend, Stored};
use crate::row::Row;
use crate::{Config, StoreError};

/// The writer's side: one connection, made when it is needed and again when it was lost.
pub(crate) struct Postgres {
    login: tokio_postgres::Config,
    deadline: Duration,
    /// Of the writer's thread alone, so that no host's runtime has to drive the connection.
    runtime: Runtime,
    session: Option<Session>,
    hold: Hold,
}

impl Postgres {
    pub(crate) fn new(login: &tokio_postgres::Config, config: &Config) -> Result<Self, StoreError> {
        let mut runtime = Builder::new_current_thread();
        let runtime = runtime.enable_io().enable_time().build();
        let runtime = runtime.map_err(|error| StoreError::Setup {
            reason: error.kind().to_string(),
        })?;
        Ok(Self {
            login: login.clone(),
            deadline: config.deadline,
            runtime,
            session: None,
            hold: Hold::default(),
        })
    }
}

impl Backend for Postgres {
    fn write(&mut self, rows: &[Row<'_>]) -> Result<Vec<Stored>, StoreError> {
        let Self {
            login,
            deadline,
            runtime,
            session,
            hold,
        } = self;
        if let Some(refusal) = hold.refusal(Instant::now()) {
            return Err(refusal);
        }
        let ended = runtime.block_on(store(session, login, *deadline, rows));
        match &ended {
            Ok(_) | Err(StoreError::Refused { .. }) => hold.lift(),
            Err(error) => {
                *session = None;
                hold.failed(error.clone(), Instant::now());
            }
        }
        ended
    }
}

async fn store(
    session: &mut Option<Session>,
    login: &tokio_postgres::Config,
    deadline: Duration,
    rows: &[Row<'_>],
) -> Result<Vec<Stored>, StoreError> {
    // A connection that was idle may have been lost unnoticed, and a row is stored once however
    // often it is sent.
    if let Some(kept) = session.as_mut() {
        match within(deadline, kept.write(rows)).await {
            Err(StoreError::Away { .. }) => *session = None,
            ended => return ended,
        }
    }
    let fresh = within(deadline, Session::connect(login, deadline)).await?;
    let fresh = session.insert(fresh);
    fresh.migrate(deadline).await?;
    within(deadline, fresh.write(rows)).await
}
