use std::collections::HashSet;

use events_core::{Filter, MessageId};
use futures::stream::{self, StreamExt as _};
use supervisor::exit::Failure;

use super::run::Entries;
use crate::history::{Begin, Bookmark, Entry, Item, Place, Source, Span};

/// The newest so many, and then what comes.
pub(super) async fn and_on(
    source: &Source,
    filter: &Filter,
    last: u64,
) -> Result<Entries, Failure> {
    let last = usize::try_from(last).unwrap_or(usize::MAX);
    if matches!(source, Source::Remote(_)) {
        return by_identity(source, filter, last).await;
    }
    let mut reading = source.read(filter, &Span::Newest(last)).await?;
    let (mut found, mut bookmark) = (Vec::new(), Bookmark::Nowhere);
    while let Some(entry) = reading.entries.next().await {
        let entry = entry?;
        if let Entry::Item(Item {
            place: Some(place), ..
        }) = &entry
        {
            bookmark.reach(place);
        }
        found.push(entry);
    }
    let begin = match bookmark.text() {
        Some(text) => Begin::After(text),
        // There was none, so the first that is there came meanwhile.
        None if found.is_empty() => Begin::Oldest,
        None => Begin::Next,
    };
    let oldest = found.iter().find_map(|entry| match entry {
        Entry::Item(item) => item.stored_at,
        _ => None,
    });
    let rest = source.follow(filter, &begin).await?.entries;
    // A stream that none of them is in begins a little early.
    let is_new = move |entry: &Result<Entry, Failure>| {
        let is_old = match entry {
            Ok(Entry::Item(Item {
                place: Some(Place::Stream(position)),
                stored_at,
                ..
            })) => {
                let unnamed = match &bookmark {
                    Bookmark::Streams(cursor) => cursor.of(position.stream()).is_none(),
                    _ => false,
                };
                unnamed
                    && oldest
                        .zip(*stored_at)
                        .is_some_and(|(oldest, own)| own <= oldest)
            }
            _ => false,
        };
        std::future::ready(!is_old)
    };
    Ok(stream::iter(found)
        .map(Ok)
        .chain(rest.filter(is_new))
        .boxed())
}

/// The same where the newest do not say where they are: what comes begins before they are read,
/// and those of them that come are left out.
async fn by_identity(source: &Source, filter: &Filter, last: usize) -> Result<Entries, Failure> {
    let rest = source.follow(filter, &Begin::Next).await?.entries;
    let mut reading = source.read(filter, &Span::Newest(last)).await?;
    let (mut found, mut known) = (Vec::new(), HashSet::new());
    while let Some(entry) = reading.entries.next().await {
        let entry = entry?;
        known.extend(identity(&entry));
        found.push(Ok(entry));
    }
    let is_new = move |entry: &Result<Entry, Failure>| {
        let id = entry.as_ref().ok().and_then(identity);
        std::future::ready(!id.is_some_and(|id| known.remove(&id)))
    };
    Ok(stream::iter(found).chain(rest.filter(is_new)).boxed())
}

fn identity(entry: &Entry) -> Option<MessageId> {
    match entry {
        Entry::Item(item) => Some(item.event()?.message_id()),
        _ => None,
    }
}
