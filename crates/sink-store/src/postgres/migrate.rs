use std::time::Duration;

use super::error::fault;
use super::session::{Session, within};
use crate::StoreError;
use crate::schema::{self, Step};

impl Session {
    /// Brings the tables up to date, in one transaction. A login that may not change tables will do
    /// where there is nothing to change.
    pub(super) async fn migrate(&mut self, deadline: Duration) -> Result<(), StoreError> {
        if within(deadline, self.version()).await? == schema::newest(&STEPS) {
            return Ok(());
        }
        let migrated = within(PATIENCE, self.take_steps()).await;
        if migrated.is_err() {
            // Where this fails too, the connection is gone, and the transaction with it.
            drop(self.client.batch_execute("ROLLBACK").await);
        }
        migrated
    }

    async fn take_steps(&self) -> Result<(), StoreError> {
        // Several may find the same tables old at once: one works, the others find them done.
        self.run(&format!(
            "BEGIN; SET LOCAL statement_timeout = 0; \
             SELECT pg_advisory_xact_lock({LOCK}); {VERSIONS}"
        ))
        .await?;
        let found = self.version().await?;
        let newer = || StoreError::Newer {
            found,
            known: schema::newest(&STEPS),
        };
        for step in schema::missing(&STEPS, found).ok_or_else(newer)? {
            let note = step.version;
            self.run(step.sql).await?;
            self.run(&format!(
                "INSERT INTO agent_events_schema (version) VALUES ({note})"
            ))
            .await?;
        }
        self.run("COMMIT").await
    }

    async fn version(&self) -> Result<i64, StoreError> {
        let asked = self.client.query_one(IS_THERE, &[]).await;
        let is_there = asked.and_then(|row| row.try_get(0));
        if !is_there.map_err(|error| fault(&error))? {
            return Ok(0);
        }
        let asked = self.client.query_one(NEWEST, &[]).await;
        asked
            .and_then(|row| row.try_get(0))
            .map_err(|error| fault(&error))
    }

    async fn run(&self, sql: &str) -> Result<(), StoreError> {
        let run = self.client.batch_execute(sql).await;
        run.map_err(|error| fault(&error))
    }
}

const IS_THERE: &str = "SELECT to_regclass('agent_events_schema') IS NOT NULL";
const NEWEST: &str = "SELECT coalesce(max(version), 0) FROM agent_events_schema";
const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS agent_events_schema (
    version bigint PRIMARY KEY,
    applied timestamptz NOT NULL DEFAULT now()
)";
/// Any number that no other program locks by.
const LOCK: i64 = 0x0063_6f6e_7369_676e;

/// How long the tables may take to be brought up to date. Who waits for a row meanwhile is told when
/// its own deadline has passed.
const PATIENCE: Duration = Duration::from_secs(600);

static STEPS: [Step; 3] = [
    Step {
        version: 1,
        sql: include_str!("schema.sql"),
    },
    Step {
        version: 2,
        sql: include_str!("order.sql"),
    },
    Step {
        version: 3,
        sql: include_str!("lookups.sql"),
    },
];
