use async_trait::async_trait;
use events_core::{Filter, SinkError, WireEvent};

/// What was stored, for those who ask the bus: implemented over a journal, a store or streams.
#[async_trait]
pub trait History: Send + Sync + 'static {
    /// The newest `limit` of the events that `filter` wants, oldest of them first.
    ///
    /// What is stored and is no event takes no place among them.
    ///
    /// # Errors
    /// Whatever keeps it from being all of them: a silence, a time-out or a part must never stand
    /// for the end. `Unavailable` where asking again may help, `Config` where an operator has to.
    async fn newest(&self, filter: &Filter, limit: usize) -> Result<Vec<WireEvent>, SinkError>;
}

/// What history answers.
#[derive(Clone, Debug)]
pub struct Past {
    /// The newest events that were wanted, oldest of them first.
    pub events: Vec<WireEvent>,
    /// Whether there are older ones, which the limit left out.
    pub has_more: bool,
}

/// One more than asked for tells whether there are more.
pub(crate) async fn ask(
    history: &dyn History,
    filter: &Filter,
    limit: usize,
) -> Result<Past, SinkError> {
    let mut events = history.newest(filter, limit.saturating_add(1)).await?;
    let surplus = events.len().saturating_sub(limit);
    events.drain(..surplus);
    Ok(Past {
        events,
        has_more: surplus > 0,
    })
}
