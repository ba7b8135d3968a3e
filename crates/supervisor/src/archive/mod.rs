//! What was stored, for those who ask over HTTP: from the broker's streams, else from the journal.

mod journal;
mod streams;

use std::sync::Arc;

use events_core::{Filter, WireEvent, chained};
use events_http::{History, HistoryTrouble, Tail, TailItem, Wanted};
use futures::stream::{self, BoxStream, StreamExt as _};

use crate::broker::Broker;

/// The events that are kept, wherever the chain ends.
#[derive(Clone, Debug)]
pub(crate) enum Archive {
    /// In the broker's streams.
    Streams(Arc<Broker>),
    /// In the journal.
    Journal(sink_jsonl::history::History),
}

/// An event that was found, with what it is sorted by.
type Found = (chrono::DateTime<chrono::Utc>, WireEvent);

impl Archive {
    /// The newest that any of the filters wants. Filters for several tenants are asked one by one:
    /// the newest of all are among the newest of each.
    async fn newest_of(
        &self,
        wanted: &Wanted,
        limit: usize,
    ) -> Result<Vec<WireEvent>, HistoryTrouble> {
        let mut found = Vec::new();
        for filter in wanted.each() {
            found.extend(self.newest_by(&filter, limit).await?);
        }
        found.sort_by_key(|(time, _)| *time);
        let surplus = found.len().saturating_sub(limit);
        Ok(found.drain(surplus..).map(|(_, event)| event).collect())
    }

    /// The newest that the filter wants. What is no event of ours makes room for what is.
    async fn newest_by(&self, filter: &Filter, limit: usize) -> Result<Vec<Found>, HistoryTrouble> {
        let mut asked = limit;
        loop {
            let found = match self {
                Self::Streams(broker) => streams::newest(broker, filter, asked).await?,
                Self::Journal(journal) => journal::newest(journal, filter, asked).await?,
            };
            let all_there_is = found.len() < asked;
            let events: Vec<Found> = found.into_iter().flatten().collect();
            if all_there_is || events.len() >= limit {
                return Ok(events);
            }
            asked = asked.saturating_add(limit.max(asked - events.len()));
        }
    }
}

impl History for Archive {
    fn newest(
        &self,
        wanted: Wanted,
        limit: usize,
    ) -> BoxStream<'static, Result<WireEvent, HistoryTrouble>> {
        let this = self.clone();
        let found = stream::once(async move { this.newest_of(&wanted, limit).await });
        let each = found.flat_map(|found| match found {
            Ok(events) => stream::iter(events).map(Ok).left_stream(),
            Err(trouble) => stream::iter([Err(trouble)]).right_stream(),
        });
        each.boxed()
    }
}

impl Tail for Archive {
    fn follow(&self, wanted: Wanted, after: Option<String>) -> BoxStream<'static, TailItem> {
        match self {
            Self::Streams(broker) => streams::follow(Arc::clone(broker), wanted, after),
            Self::Journal(journal) => journal::follow(journal.clone(), wanted, after),
        }
    }
}

fn unavailable(error: &dyn std::error::Error) -> HistoryTrouble {
    HistoryTrouble::Unavailable(chained(error))
}
