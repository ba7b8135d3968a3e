use std::fmt::Debug;

use async_trait::async_trait;
use bytes::Bytes;

use crate::StoreError;
use crate::query::{Query, Times};
use crate::row::Row;

/// A database, as the writer's thread sees it.
pub(crate) trait Backend: Send {
    /// Stores rows in one transaction that is on disk before this returns, and says of each where
    /// it stands. A row whose identity is there already stays as it was.
    fn write(&mut self, rows: &[Row<'_>]) -> Result<Vec<Stored>, StoreError>;
}

/// Where an event stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stored {
    /// The row's number.
    pub(crate) row: i64,
    /// Whether the row has the event's own bytes, and not only its identity.
    pub(crate) is_same: bool,
}

/// What reads: a connection, or what it takes to make one.
#[async_trait]
pub(crate) trait Reader: Debug + Send {
    /// The rows that a query asks for, as many as make a page.
    async fn page(&mut self, query: &Query) -> Result<Vec<Found>, StoreError>;

    /// The number of the newest row, 0 where there is none.
    async fn newest(&mut self) -> Result<i64, StoreError>;

    /// The lowest and the highest number among the rows of some times, where there are any.
    async fn span(&mut self, times: &Times) -> Result<Option<(i64, i64)>, StoreError>;

    /// Whether its connection has ended, so that another is needed.
    fn is_lost(&self) -> bool;
}

/// A row that was read.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) row: i64,
    pub(crate) wire: Bytes,
}
