use std::future::ready;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use events_core::{Filter, chained};
use events_http::{HistoryTrouble, TailItem, Wanted};
use futures::stream::{self, BoxStream, StreamExt as _};
use streams::history::{Body, Cursor, Entry, HistoryError, Position, Start};
use tracing::warn;

use super::{Found, unavailable};
use crate::broker::Broker;

/// The newest messages of all streams, `None` for what is no event of ours.
pub(super) async fn newest(
    broker: &Broker,
    filter: &Filter,
    limit: usize,
) -> Result<Vec<Option<Found>>, HistoryTrouble> {
    // Whoever asks need not wait for a broker that is known to be away.
    if let Some(trouble) = broker.trouble() {
        let away = format!("the broker is away: {trouble}");
        return Err(HistoryTrouble::Unavailable(away));
    }
    let history = broker
        .history()
        .await
        .map_err(|error| unavailable(&error))?;
    let found = history.newest(filter, limit).await;
    let found = found.map_err(|error| unavailable(&error))?;
    let events = found.into_iter().map(|item| match item.body {
        Body::Event(event) => Some((item.stored_at, event)),
        Body::Other(_) => None,
    });
    Ok(events.collect())
}

/// The events of all streams as they come.
pub(super) fn follow(
    broker: Arc<Broker>,
    wanted: Wanted,
    after: Option<String>,
) -> BoxStream<'static, TailItem> {
    let begun = async move {
        let (start, lost) = match after.map(|after| after.parse::<Position>()) {
            Some(Ok(position)) => (Start::After(Cursor::from(position)), false),
            Some(Err(_)) => (Start::Oldest, true),
            None if wanted.filter.since.is_some() => (Start::Oldest, false),
            None => (Start::Next, false),
        };
        let missed = lost.then_some(TailItem::Lagged { missed: None });
        match entries(&broker, &wanted.filter, start).await {
            Ok((entries, lost)) => {
                let missed = missed.or(lost.then_some(TailItem::Lagged { missed: None }));
                let until = wanted.filter.until;
                let early = move |entry: &Result<Entry, _>| ready(comes_before(until, entry));
                let items = entries
                    .take_while(early)
                    .filter_map(|entry| ready(item(entry)));
                stream::iter(missed).chain(items).boxed()
            }
            Err(trouble) => {
                warn!(%trouble, "the live tail cannot be read");
                stream::iter(missed).boxed()
            }
        }
    };
    stream::once(begun).flatten().boxed()
}

/// The entries from `start` on, and whether that was in a stream that is not there any more.
async fn entries(
    broker: &Broker,
    filter: &Filter,
    start: Start,
) -> Result<(streams::history::Entries, bool), HistoryTrouble> {
    let history = broker
        .history()
        .await
        .map_err(|error| unavailable(&error))?;
    match history.follow(filter, &start).await {
        Ok(entries) => Ok((entries, false)),
        Err(HistoryError::Elsewhere { .. }) => {
            let entries = history.follow(filter, &Start::Oldest).await;
            Ok((entries.map_err(|error| unavailable(&error))?, true))
        }
        Err(error) => Err(unavailable(&error)),
    }
}

/// Whether it can still be wanted: what is stored later than `until` never is.
fn comes_before(until: Option<DateTime<Utc>>, entry: &Result<Entry, HistoryError>) -> bool {
    match (until, entry) {
        (Some(until), Ok(Entry::Item(item))) => item.stored_at < until,
        _ => true,
    }
}

fn item(entry: Result<Entry, HistoryError>) -> Option<TailItem> {
    match entry {
        Ok(Entry::Item(item)) => match item.body {
            Body::Event(event) => Some(TailItem::Event {
                id: item.position.to_string(),
                event,
            }),
            Body::Other(_) => None,
        },
        Ok(Entry::Gap(gap)) => Some(TailItem::Lagged {
            missed: Some((gap.to + 1).saturating_sub(gap.from)),
        }),
        Err(error) => {
            warn!(error = %chained(&error), "the live tail broke off");
            None
        }
    }
}
