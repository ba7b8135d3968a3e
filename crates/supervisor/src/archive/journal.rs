use std::future::ready;

use chrono::{DateTime, Utc};
use events_core::{Filter, chained};
use events_http::{HistoryTrouble, TailItem, Wanted};
use futures::stream::{self, BoxStream, StreamExt as _};
use sink_jsonl::history::{Body, Entry, History, HistoryError, Start};
use tracing::warn;

use super::{Found, Stored, unavailable};

/// The newest records of the journal, `None` for what is no event of ours.
pub(super) async fn newest(
    journal: &History,
    filter: &Filter,
    limit: usize,
) -> Result<Vec<Option<Found>>, HistoryTrouble> {
    let found = journal.newest(filter, limit).await;
    let found = found.map_err(|error| unavailable(&error))?;
    let events = found.into_iter().map(|item| match item.body {
        Body::Event(event) => Some(Found {
            stored: Stored::In(item.position),
            event,
        }),
        Body::Other(_) => None,
    });
    Ok(events.collect())
}

/// The events of the journal as they come, looked for when `wakes` says so.
pub(super) async fn follow(
    journal: &History,
    wanted: &Wanted,
    after: Option<String>,
    wakes: BoxStream<'static, ()>,
) -> Result<BoxStream<'static, TailItem>, HistoryTrouble> {
    let (start, lost) = match after.map(|after| after.parse()) {
        Some(Ok(position)) => (Start::After(position), false),
        Some(Err(_)) => (Start::Oldest, true),
        None if wanted.filter.since.is_some() => (Start::Oldest, false),
        None => (Start::Next, false),
    };
    let missed = lost.then_some(TailItem::Lagged { missed: None });
    let entries = journal.follow_woken(&wanted.filter, start, wakes).await;
    let entries = entries.map_err(|error| unavailable(&error))?;
    let until = wanted.filter.until;
    let early = move |entry: &Result<Entry, _>| ready(comes_before(until, entry));
    let items = entries
        .take_while(early)
        .filter_map(|entry| ready(item(entry)));
    Ok(stream::iter(missed).chain(items).boxed())
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
        Ok(Entry::Gap(_)) => Some(TailItem::Lagged { missed: None }),
        Err(error) => {
            warn!(error = %chained(&error), "the live tail broke off");
            None
        }
    }
}
