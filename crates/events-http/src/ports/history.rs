use events_core::WireEvent;
use futures::stream::BoxStream;
use thiserror::Error;

use crate::Wanted;

/// The events that are kept, for those who ask what happened.
pub trait History: Send + Sync + 'static {
    /// The newest `limit` of the events wanted, in order of time, and then the end.
    ///
    /// What is stored and is no event takes no place among them. A reader that knows the filter of
    /// one tenant alone can ask by [`Wanted::each`] and keep the newest of what it is told.
    ///
    /// All of them or an error: the end must never stand for a failure, nor for a silence. An item
    /// may take as long as [`answer_timeout`](crate::Limits::answer_timeout) to come. The stream
    /// is asked no faster than the client reads, and dropped when the client goes away.
    fn newest(
        &self,
        wanted: Wanted,
        limit: usize,
    ) -> BoxStream<'static, Result<WireEvent, HistoryTrouble>>;
}

/// Why history breaks off. The text goes to the client: no values of events, no secrets.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum HistoryTrouble {
    /// It cannot be reached now; ask again later.
    #[error("{0}")]
    Unavailable(String),
    /// It cannot be read.
    #[error("{0}")]
    Failed(String),
}
