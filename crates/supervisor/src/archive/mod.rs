//! What was stored, for those who ask: from the broker's streams, else from the journal, else from
//! the store. What comes is told by the bus too: what is spilled, and that it is worth while to look.

mod journal;
mod live;
mod store;
mod streams;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use events_bus::Bus;
use events_core::time::Timestamp;
use events_core::{ErrorKind, Filter, SinkError, WireEvent, chained};
use events_http::{HistoryTrouble, Tail, TailItem, Wanted};
use futures::stream::{self, BoxStream, StreamExt as _};
use sink_jsonl::history::Position;

use crate::broker::Broker;

/// The events that are kept, wherever the chain ends.
#[derive(Clone, Debug)]
pub(crate) struct Archive {
    place: Place,
    bus: Bus,
}

/// Where they are kept.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In the broker's streams.
    Streams(Arc<Broker>),
    /// In the journal.
    Journal(sink_jsonl::history::History),
    /// In the store.
    Store(sink_store::History),
}

/// An event that was found.
struct Found {
    stored: Stored,
    event: WireEvent,
}

/// When it was stored, told by what its place orders events by.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Stored {
    /// By the broker's clock.
    At(DateTime<Utc>),
    /// At this place of the journal.
    In(Position),
    /// In this row of the store.
    Row(u64),
}

impl Archive {
    /// The archive of what is kept in `place` and goes through `bus`, whose history it becomes.
    pub(crate) fn new(place: Place, bus: Bus) -> Self {
        // A place holds no bus, so neither keeps the other.
        let bus = bus.with_history(Arc::new(place.clone()));
        Self { place, bus }
    }
}

impl Place {
    /// The newest that any of the filters wants, in order of the events' own time. Filters for
    /// several tenants are asked one by one: the newest of all are among the newest of each.
    async fn newest_of(
        &self,
        filters: &[Filter],
        limit: usize,
    ) -> Result<Vec<WireEvent>, HistoryTrouble> {
        let mut found = Vec::new();
        for filter in filters {
            found.extend(self.newest_by(filter, limit).await?);
        }
        found.sort_by_key(|found| found.stored);
        let surplus = found.len().saturating_sub(limit);
        let mut events: Vec<WireEvent> = found.drain(surplus..).map(|found| found.event).collect();
        events.sort_by_key(|event| event.attributes().time().map(Timestamp::instant));
        Ok(events)
    }

    /// The newest that the filter wants. What is no event of ours makes room for what is.
    async fn newest_by(&self, filter: &Filter, limit: usize) -> Result<Vec<Found>, HistoryTrouble> {
        let mut asked = limit;
        loop {
            let found = match self {
                Self::Streams(broker) => streams::newest(broker, filter, asked).await?,
                Self::Journal(journal) => journal::newest(journal, filter, asked).await?,
                Self::Store(store) => store::newest(store, filter, asked).await?,
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

#[async_trait]
impl events_bus::History for Place {
    async fn newest(&self, filter: &Filter, limit: usize) -> Result<Vec<WireEvent>, SinkError> {
        let found = self.newest_of(std::slice::from_ref(filter), limit).await;
        found.map_err(|trouble| {
            let kind = match trouble {
                HistoryTrouble::Unavailable(_) => ErrorKind::Unavailable,
                HistoryTrouble::Failed(_) => ErrorKind::Config,
            };
            SinkError::caused(kind, "read what was stored", trouble)
        })
    }
}

impl events_http::History for Archive {
    fn newest(
        &self,
        wanted: Wanted,
        limit: usize,
    ) -> BoxStream<'static, Result<WireEvent, HistoryTrouble>> {
        let place = self.place.clone();
        let found = async move { place.newest_of(&wanted.each(), limit).await };
        let each = stream::once(found).flat_map(|found| match found {
            Ok(events) => stream::iter(events).map(Ok).left_stream(),
            Err(trouble) => stream::iter([Err(trouble)]).right_stream(),
        });
        each.boxed()
    }
}

#[async_trait]
impl Tail for Archive {
    async fn follow(
        &self,
        wanted: Wanted,
        after: Option<String>,
    ) -> Result<BoxStream<'static, TailItem>, HistoryTrouble> {
        // Before where to begin is looked up, so that nothing slips through between the two.
        let spilled = live::spilled(&self.bus, &wanted);
        let wakes = || live::wakes(&self.bus, &wanted);
        let stored = match &self.place {
            Place::Streams(broker) => streams::follow(broker, &wanted, after).await?,
            Place::Journal(journal) => journal::follow(journal, &wanted, after, wakes()).await?,
            Place::Store(store) => store::follow(store, &wanted, after, wakes()).await?,
        };
        Ok(live::beside(stored, spilled))
    }
}

fn unavailable(error: &dyn std::error::Error) -> HistoryTrouble {
    HistoryTrouble::Unavailable(chained(error))
}
