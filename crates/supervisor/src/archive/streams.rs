use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use events_core::time::now;
use events_core::{Filter, chained};
use events_http::{Destination, HistoryTrouble, TailItem, Wanted};
use futures::stream::{self, BoxStream, StreamExt as _};
use streams::history::{Body, Cursor, Entry, HistoryError, Position, Start};
use tokio::time::{sleep, timeout};
use tracing::warn;

use super::live::beside;
use super::{Found, Stored, unavailable};
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
        Body::Event(event) => Some(Found {
            stored: Stored::At(item.stored_at),
            event,
        }),
        Body::Other(_) => None,
    });
    Ok(events.collect())
}

/// The events of all streams as they come, and whether the broker does.
///
/// While it is away nobody knows how far its streams go: then it begins later, with what they
/// stored since it was asked, by the broker's clock.
pub(super) async fn follow(
    broker: &Arc<Broker>,
    wanted: &Wanted,
    after: Option<String>,
) -> Result<BoxStream<'static, TailItem>, HistoryTrouble> {
    let asked = now();
    if broker.is_connected() {
        let begun = timeout(PATIENCE, begin(broker, &wanted.filter, after.as_deref())).await;
        match begun {
            Ok(Ok(items)) => return Ok(items),
            Ok(Err(trouble)) if broker.is_connected() => return Err(trouble),
            // It went away meanwhile, or does not answer.
            Ok(Err(_)) | Err(_) => {}
        }
    }
    let mut filter = wanted.filter.clone();
    if after.is_none() {
        filter.since = filter.since.or(Some(asked));
    }
    let away = stream::iter([TailItem::Destination(Destination::Away)]);
    let later = begin_later(Arc::clone(broker), filter, after);
    Ok(away.chain(stream::once(later).flatten()).boxed())
}

/// Begins once the broker is back, and says so.
async fn begin_later(
    broker: Arc<Broker>,
    filter: Filter,
    after: Option<String>,
) -> BoxStream<'static, TailItem> {
    loop {
        if !broker.connects().await {
            return stream::empty().boxed();
        }
        match begin(&broker, &filter, after.as_deref()).await {
            Ok(items) => {
                let back = stream::iter([TailItem::Destination(Destination::Back)]);
                return back.chain(items).boxed();
            }
            Err(trouble) => warn!(%trouble, "the live tail cannot begin yet"),
        }
        sleep(AGAIN).await;
    }
}

/// What comes after `after`, else what the streams hold of the filter's times, else what is stored
/// from now on.
async fn begin(
    broker: &Arc<Broker>,
    filter: &Filter,
    after: Option<&str>,
) -> Result<BoxStream<'static, TailItem>, HistoryTrouble> {
    let changes = changes(broker);
    let (start, lost) = match after.map(str::parse::<Position>) {
        Some(Ok(position)) => (Start::After(Cursor::from(position)), false),
        Some(Err(_)) => (Start::Oldest, true),
        None if filter.since.is_some() => (Start::Oldest, false),
        None => (Start::Next, false),
    };
    let (entries, may_lack) = entries(broker, filter, start).await?;
    let missed = (lost || may_lack).then_some(TailItem::Lagged { missed: None });
    let until = filter.until;
    let early = move |entry: &Result<Entry, _>| ready(comes_before(until, entry));
    let items = entries
        .take_while(early)
        .filter_map(|entry| ready(item(entry)));
    Ok(beside(stream::iter(missed).chain(items).boxed(), changes))
}

/// Each time that the broker goes away or comes back.
fn changes(broker: &Broker) -> BoxStream<'static, TailItem> {
    let mut state = broker.state();
    let connected = state.borrow_and_update().connected;
    let changes = stream::unfold((state, connected), async |(mut state, before)| {
        let change = state.wait_for(|state| state.connected != before).await;
        let connected = change.ok()?.connected;
        let destination = match connected {
            true => Destination::Back,
            false => Destination::Away,
        };
        Some((TailItem::Destination(destination), (state, connected)))
    });
    changes.boxed()
}

/// The entries from `start` on, and whether that was in a stream that is not there any more, or
/// after a message that is gone without telling how far the other streams were then.
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
        Ok(entries) => {
            let may_lack = entries.may_lack();
            Ok((entries, may_lack))
        }
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

/// How long a broker that is connected may take to say how far its streams go.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait before it is asked again.
const AGAIN: Duration = Duration::from_secs(1);
