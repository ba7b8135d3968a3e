use rusqlite::{Connection, TransactionBehavior};

use super::error::fault;
use crate::StoreError;
use crate::schema::{self, Step};

/// Brings the tables up to date, in one transaction.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let behavior = TransactionBehavior::Immediate;
    let begun = connection.transaction_with_behavior(behavior);
    let transaction = begun.map_err(|error| fault(&error))?;
    let version = || {
        transaction.execute_batch(VERSIONS)?;
        let newest = "SELECT coalesce(max(version), 0) FROM agent_events_schema";
        transaction.query_row(newest, [], |row| row.get(0))
    };
    let found: i64 = version().map_err(|error| fault(&error))?;
    let newer = || StoreError::Newer {
        found,
        known: schema::newest(&STEPS),
    };
    for step in schema::missing(&STEPS, found).ok_or_else(newer)? {
        let take = || {
            transaction.execute_batch(step.sql)?;
            let note = "INSERT INTO agent_events_schema (version) VALUES (?1)";
            transaction.execute(note, [step.version])
        };
        take().map_err(|error| fault(&error))?;
    }
    transaction.commit().map_err(|error| fault(&error))
}

const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS agent_events_schema (
    version INTEGER PRIMARY KEY,
    applied TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
)";

static STEPS: [Step; 2] = [
    Step {
        version: 1,
        sql: include_str!("schema.sql"),
    },
    Step {
        version: 2,
        sql: include_str!("lookups.sql"),
    },
];
