use async_trait::async_trait;
use thiserror::Error;

use crate::{DlqEntry, DlqPage, DlqQuery, DlqReport, DlqSelection};

/// The spool as an operator sees it: events that wait for their destination, and those that need
/// somebody to look at them.
///
/// Every call runs in a task of its own, which nobody cancels: a client that goes away changes
/// nothing. How long one may take is the implementor's to bound.
#[async_trait]
pub trait DeadLetters: Send + Sync + 'static {
    /// The records that `query` asks for, oldest first, and what there is in all.
    ///
    /// # Errors
    /// There is no spool, or it cannot be read.
    async fn list(&self, query: &DlqQuery) -> Result<DlqPage, DlqTrouble>;

    /// The record `id` with its event's bytes as they were spilled, redacted and signed; `None`
    /// where there is none.
    ///
    /// # Errors
    /// There is no spool, or it cannot be read.
    async fn show(&self, id: u64) -> Result<Option<DlqEntry>, DlqTrouble>;

    /// Delivers the chosen records anew, in spool order, and says what became of them. An id that
    /// no record has counts as gone. Never called while another redrive is in work.
    ///
    /// # Errors
    /// There is no spool, or it cannot be read or written.
    async fn redrive(&self, which: &DlqSelection) -> Result<DlqReport, DlqTrouble>;

    /// Deletes the record `id` for good. Whether there was one.
    ///
    /// # Errors
    /// There is no spool, or it cannot be written.
    async fn drop_record(&self, id: u64) -> Result<bool, DlqTrouble>;
}

/// Why the spool does not answer.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum DlqTrouble {
    /// The chain has no spool, by choice.
    #[error("find a spool: none is kept")]
    Absent,
    /// It could not do what was asked. Goes to the client: no values of events, no secrets.
    #[error("{0}")]
    Failed(String),
}
