use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::error::fault;
use super::session::Session;
use crate::backend::{Found, Reader};
use crate::query::{Query, Value};
use crate::{Config, StoreError};

/// A connection that reads.
pub(crate) struct PostgresReader(Session);

impl PostgresReader {
    pub(crate) async fn connect(
        login: &tokio_postgres::Config,
        config: &Config,
    ) -> Result<Self, StoreError> {
        let mut session = Session::connect(login, config.deadline).await?;
        session.migrate(config.deadline).await?;
        Ok(Self(session))
    }
}

#[async_trait]
impl Reader for PostgresReader {
    async fn page(&mut self, query: &Query) -> Result<Vec<Found>, StoreError> {
        let values = query.values().map(|value| value as &(dyn ToSql + Sync));
        let values: Vec<_> = values.collect();
        let read = self.0.client.query(&query.sql('$'), &values).await;
        let rows = read.map_err(|error| fault(&error))?;
        let found = rows.iter().map(|row| {
            let wire: String = row.try_get(1)?;
            Ok(Found {
                row: row.try_get(0)?,
                wire: Bytes::from(wire),
            })
        });
        found
            .collect::<Result<_, _>>()
            .map_err(|error| fault(&error))
    }

    async fn newest(&mut self) -> Result<i64, StoreError> {
        let sql = "SELECT coalesce(max(seq), 0) FROM agent_events";
        let read = self.0.client.query_one(sql, &[]).await;
        read.and_then(|row| row.try_get(0))
            .map_err(|error| fault(&error))
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Number(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Time(time) => time.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT | Type::TIMESTAMPTZ)
    }

    to_sql_checked!();
}
