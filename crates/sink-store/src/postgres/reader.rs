use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::error::fault;
use super::session::Session;
use crate::backend::{Found, Reader};
use crate::query::{PAGE_BYTES, Query, Times, Value};
use crate::{Config, StoreError};

/// A connection that reads.
#[derive(Debug)]
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
        let read = self.0.client.query(&page(query), &values).await;
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

    async fn span(&mut self, times: &Times) -> Result<Option<(i64, i64)>, StoreError> {
        let values = times.values().map(|value| value as &(dyn ToSql + Sync));
        let values: Vec<_> = values.collect();
        let read = self.0.client.query_one(&times.sql('$'), &values).await;
        let read = read.and_then(|row| {
            let first: Option<i64> = row.try_get(0)?;
            Ok(first.zip(row.try_get(1)?))
        });
        read.map_err(|error| fault(&error))
    }

    fn is_lost(&self) -> bool {
        self.0.client.is_closed()
    }
}

/// A query's statement, which ends where a page is full of bytes: what is not sent need not be held.
fn page(query: &Query) -> String {
    let (rows, order) = (query.sql('$'), query.order());
    format!(
        "SELECT seq, wire FROM (SELECT seq, wire, \
         sum(octet_length(wire)) OVER (ORDER BY seq {order}) - octet_length(wire) AS before \
         FROM ({rows}) AS rows) AS measured WHERE before < {PAGE_BYTES} ORDER BY seq {order}"
    )
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

#[cfg(test)]
mod tests {
    use events_core::Filter;
    use sink_testkit::postgres::Postgres;
    use tokio_postgres::types::ToSql;

    use super::{PostgresReader, page};
    use crate::Config;
    use crate::query::{Order, Query, Times, Value};

    #[tokio::test]
    async fn rows_are_found_by_indexes() {
        let Some(server) = Postgres::start_or_skip().await else {
            return;
        };
        let login = server.url("postgres").parse().unwrap();
        let reader = PostgresReader::connect(&login, &Config::default()).await;
        let reader = reader.unwrap();
        let rows = "INSERT INTO agent_events (message_id, tenant, source, id, type, time, wire) \
            SELECT n, 'tenant' || n % 999, '/demo', n, 'demo.type' || n % 1000, \
            timestamptz '2026-01-01Z' + n * interval '1 second', repeat('x', 500) \
            FROM generate_series(1, 20000) AS n; ANALYZE agent_events";
        reader.0.client.batch_execute(rows).await.unwrap();

        let all = Filter::default();
        let tenant = Filter {
            tenant: Some("tenant7".parse().unwrap()),
            ..Filter::default()
        };
        let kind = Filter {
            kind: Some("demo.type7".parse().unwrap()),
            ..Filter::default()
        };
        for (by, filter) in [("pkey", all), ("tenant", tenant), ("type", kind)] {
            let query = Query::new(&filter, 0, 20_000, Order::NewestFirst);
            let plan = plan(&reader, &page(&query), query.values()).await;
            assert!(plan.contains(&format!("agent_events_{by} ")), "{plan}");
        }
        let recent = Filter {
            since: Some("2026-01-01T05:30:00Z".parse().unwrap()),
            ..Filter::default()
        };
        let times = Times::of(&recent).unwrap();
        let plan = plan(&reader, &times.sql('$'), times.values()).await;
        assert!(plan.contains("agent_events_time "), "{plan}");
    }

    async fn plan<'a>(
        reader: &PostgresReader,
        sql: &str,
        values: impl Iterator<Item = &'a Value>,
    ) -> String {
        let values: Vec<_> = values.map(|value| value as &(dyn ToSql + Sync)).collect();
        let explain = format!("EXPLAIN {sql}");
        let plan = reader.0.client.query(&explain, &values).await.unwrap();
        let lines: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
        lines.join("\n")
    }
}
