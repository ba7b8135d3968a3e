use std::future::ready;

use chrono::{DateTime, Utc};
use events_core::time::Timestamp;
use events_core::{ErrorKind, Filter, SinkError, chained};
use events_http::{HistoryTrouble, TailItem, Wanted};
use futures::stream::{self, BoxStream, StreamExt as _};
use sink_store::{Entry, History, Start};
use tracing::warn;

use super::{Found, Stored};

/// The newest events of the store.
pub(super) async fn newest(
    store: &History,
    filter: &Filter,
    limit: usize,
) -> Result<Vec<Option<Found>>, HistoryTrouble> {
    let found = store.newest(filter, limit).await;
    let found = found.map_err(|error| trouble(&error))?;
    let events = found.into_iter().map(|entry| {
        Some(Found {
            stored: Stored::Row(entry.row),
            event: entry.event,
        })
    });
    Ok(events.collect())
}

/// The events of the store as they come, looked for when `wakes` says so. Their ids are `row:` and
/// the number.
pub(super) async fn follow(
    store: &History,
    wanted: &Wanted,
    after: Option<String>,
    wakes: BoxStream<'static, ()>,
) -> Result<BoxStream<'static, TailItem>, HistoryTrouble> {
    let (start, lost) = match after {
        Some(after) => match row_in(&after) {
            Some(row) if row <= store.last_row().await.map_err(|error| trouble(&error))? => {
                (Start::After(row), false)
            }
            // Another table, or none of ours.
            Some(_) | None => (Start::Oldest, true),
        },
        None if wanted.filter.since.is_some() => (Start::Oldest, false),
        None => (Start::Next, false),
    };
    let missed = lost.then_some(TailItem::Lagged { missed: None });
    let entries = store.follow(&wanted.filter, start, wakes).await;
    let entries = entries.map_err(|error| trouble(&error))?;
    let until = wanted.filter.until;
    // One that is dated later says nothing of those behind it.
    let early = move |entry: &Result<Entry, _>| ready(comes_before(until, entry));
    let items = entries.filter(early).filter_map(|entry| ready(item(entry)));
    Ok(stream::iter(missed).chain(items).boxed())
}

fn row_in(id: &str) -> Option<u64> {
    id.strip_prefix("row:")?.parse().ok()
}

/// Whether it is wanted: what happened later than `until` is not.
fn comes_before(until: Option<DateTime<Utc>>, entry: &Result<Entry, SinkError>) -> bool {
    let (Some(until), Ok(entry)) = (until, entry) else {
        return true;
    };
    let time = entry.event.attributes().time().map(Timestamp::instant);
    time.is_none_or(|time| time < until)
}

fn item(entry: Result<Entry, SinkError>) -> Option<TailItem> {
    match entry {
        Ok(Entry { row, event }) => Some(TailItem::Event {
            id: format!("row:{row}"),
            event,
        }),
        Err(error) => {
            warn!(error = %chained(&error), "the live tail broke off");
            None
        }
    }
}

fn trouble(error: &SinkError) -> HistoryTrouble {
    match error.kind() {
        ErrorKind::Unavailable | ErrorKind::Saturated => {
            HistoryTrouble::Unavailable(chained(error))
        }
        ErrorKind::Invalid | ErrorKind::Rejected | ErrorKind::Config => {
            HistoryTrouble::Failed(chained(error))
        }
    }
}
