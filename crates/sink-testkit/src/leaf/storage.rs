use std::sync::Arc;

use bytes::Bytes;
use events_core::{EventSink, WireEvent};
use tokio::task::JoinSet;

use super::{Features, LeafUnderTest};
use crate::Failure;
use crate::failure::ensure;
use crate::sample::{numbered, seal, varied};

/// What is answered `Ok` is stored at once, with the very bytes that were handed over.
///
/// # Errors
/// Where records are missing, added or changed.
pub async fn bytes_are_stored_untouched(
    leaf: &mut impl LeafUnderTest,
    features: Features,
) -> Result<(), Failure> {
    let sink = leaf.open().await;
    let events = seal(&sink, varied())?;
    store(&sink, &events).await?;
    compare(&events, leaf.read_back().await, features)
}

/// A hundred events sent at once, each in a call of its own, are all stored, each once.
///
/// # Errors
/// Where one of them is refused, missing, doubled or changed.
pub async fn concurrent_events_all_land(
    leaf: &mut impl LeafUnderTest,
    features: Features,
) -> Result<(), Failure> {
    let sink = leaf.open().await;
    let events = seal(&sink, numbered(100))?;
    let mut senders = JoinSet::new();
    for event in events.clone() {
        let sink = Arc::clone(&sink);
        senders.spawn(async move { store(&sink, &[event]).await });
    }
    while let Some(sent) = senders.join_next().await {
        sent.map_err(|_| Failure::new("panicked"))??;
    }
    let unordered = Features {
        ordered: false,
        ..features
    };
    compare(&events, leaf.read_back().await, unordered)
}

/// Events are stored in the order of their batch, and batches in the order they were awaited.
///
/// # Errors
/// Where another order, or other events, are found.
pub async fn order_is_kept(
    leaf: &mut impl LeafUnderTest,
    features: Features,
) -> Result<(), Failure> {
    let sink = leaf.open().await;
    let events = seal(&sink, numbered(48))?;
    for batch in events.chunks(16) {
        store(&sink, batch).await?;
    }
    let ordered = Features {
        ordered: true,
        ..features
    };
    compare(&events, leaf.read_back().await, ordered)
}

/// What was `Ok` outlives the sink, and a sink that opens the same place goes on from there.
///
/// # Errors
/// Where anything that was `Ok` is gone, or the reopened sink does not store.
pub async fn stored_means_kept(
    leaf: &mut impl LeafUnderTest,
    features: Features,
) -> Result<(), Failure> {
    let sink = leaf.open().await;
    let events = seal(&sink, numbered(20))?;
    let (before, after) = events.split_at(10);
    store(&sink, before).await?;
    drop(sink);
    let sink = leaf.open().await;
    compare(before, leaf.read_back().await, features)?;
    store(&sink, after).await?;
    compare(&events, leaf.read_back().await, features)
}

/// Delivers events of which none may be refused.
pub(super) async fn store(sink: &Arc<dyn EventSink>, events: &[WireEvent]) -> Result<(), Failure> {
    let results = sink.deliver(events).await;
    ensure(results.len() == events.len(), || {
        let (results, events) = (results.len(), events.len());
        format!("answered {results} results for {events} events")
    })?;
    match results.into_iter().find_map(Result::err) {
        None => Ok(()),
        Some(error) => Err(Failure::new(format!("refused an event: {error:?}"))),
    }
}

/// Compares what was answered `Ok` with what is stored.
pub(super) fn compare(
    expected: &[WireEvent],
    mut found: Vec<Bytes>,
    features: Features,
) -> Result<(), Failure> {
    ensure(found.len() == expected.len(), || {
        let (found, expected) = (found.len(), expected.len());
        format!("{found} records are stored for {expected} events")
    })?;
    let mut expected: Vec<Bytes> = expected.iter().map(|event| event.bytes().clone()).collect();
    if !features.ordered {
        expected.sort_unstable();
        found.sort_unstable();
    }
    let differs = expected
        .iter()
        .zip(&found)
        .position(|(event, record)| event != record);
    match differs {
        None => Ok(()),
        Some(position) if features.ordered => Err(Failure::new(format!(
            "record {position} is another event, or has other bytes"
        ))),
        Some(_) => Err(Failure::new("a record has other bytes than its event")),
    }
}
