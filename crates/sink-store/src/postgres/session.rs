use std::fmt;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::{Client, NoTls, Statement};

use super::error::fault;
use crate::StoreError;

/// One connection. Dropped, it is cut.
pub(super) struct Session {
    pub(super) client: Client,
    pub(super) insert: Option<Statement>,
    driver: JoinHandle<()>,
}

impl Session {
    /// Connects and makes sure that what is committed will be kept as it was sent.
    /// What the server has not answered after the deadline it gives up by itself, since nobody
    /// listens any more.
    pub(super) async fn connect(
        login: &tokio_postgres::Config,
        deadline: Duration,
    ) -> Result<Self, StoreError> {
        let mut login = login.clone();
        if login.get_application_name().is_none() {
            login.application_name("consign");
        }
        let connected = login.connect(NoTls).await;
        let (client, connection) = connected.map_err(|error| fault(&error))?;
        let driver = tokio::spawn(async move {
            // Whoever waits for an answer is told of a connection that ends.
            drop(connection.await);
        });
        let session = Self {
            client,
            insert: None,
            driver,
        };
        session.settle(deadline).await?;
        Ok(session)
    }

    async fn settle(&self, deadline: Duration) -> Result<(), StoreError> {
        let asked = self.client.query_one(SETTINGS, &[]).await;
        let settings = asked.map_err(|error| fault(&error))?;
        let setting = |index| settings.try_get::<_, &str>(index).unwrap_or_default();
        let (encoding, commit, fsync) = (setting(0), setting(1), setting(2));
        if encoding != "UTF8" {
            let reason = "the database's encoding is not UTF8".to_owned();
            return Err(StoreError::Setup { reason });
        }
        if settings.try_get(3).unwrap_or(false) {
            let reason = "the server is a standby, which cannot be written to".to_owned();
            return Err(StoreError::Away { reason });
        }
        if fsync == "off" {
            tracing::warn!("the server runs with fsync off: a power cut loses what it stored");
        }
        let limit = deadline.as_millis().clamp(1, LONGEST);
        let mut set = format!("SET statement_timeout = {limit}");
        if commit == "off" {
            set.push_str("; SET synchronous_commit = on");
        }
        let set = self.client.batch_execute(&set).await;
        set.map_err(|error| fault(&error))
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// What `work` comes to, or [`StoreError::Late`].
pub(super) async fn within<T>(
    waited: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let ended = timeout(waited, work).await;
    ended.unwrap_or(Err(StoreError::Late { waited }))
}

/// The most milliseconds that the server takes for a limit.
const LONGEST: u128 = i32::MAX as u128;
const SETTINGS: &str = "SELECT current_setting('server_encoding'), \
    current_setting('synchronous_commit'), current_setting('fsync'), pg_is_in_recovery()";
