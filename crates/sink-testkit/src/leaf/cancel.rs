use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;
use events_core::{EventSink as _, WireEvent};
use tokio::task::yield_now;
use tokio::time::sleep;

use super::storage::store;
use super::{Features, LeafUnderTest};
use crate::Failure;
use crate::event;
use crate::failure::ensure;
use crate::sample::seal;

/// A delivery dropped on its way leaves each record whole or absent, and a sink that goes on.
///
/// Deliveries are dropped after several numbers of polls and after several times. Then everything
/// is handed over again, as a caller would do, and must be `Ok` and there.
///
/// # Errors
/// Where a record is none of the events, an event is missing in the end, or one is doubled
/// although the sink dedupes.
pub async fn a_cancelled_delivery_leaves_no_torn_record(
    leaf: &mut impl LeafUnderTest,
    features: Features,
) -> Result<(), Failure> {
    let sink = leaf.open().await;
    let length = features
        .max_event_bytes
        .map_or(LENGTH, |bound| LENGTH.min(bound / 2));
    let text = "x".repeat(length);
    let events = (0..CUTS.len() * BATCH).map(|number| event(&number.to_string(), &text));
    let events = seal(&sink, events.collect())?;
    for (batch, cut) in events.chunks(BATCH).zip(CUTS) {
        tokio::select! {
            biased;
            results = sink.deliver(batch) => drop(results),
            () = cut.reached() => {}
        }
    }
    store(&sink, &events).await?;
    whole(&events, &leaf.read_back().await, features)
}

fn whole(events: &[WireEvent], found: &[Bytes], features: Features) -> Result<(), Failure> {
    let offered: HashSet<&Bytes> = events.iter().map(WireEvent::bytes).collect();
    let torn = found.iter().filter(|record| !offered.contains(record));
    let torn = torn.count();
    ensure(torn == 0, || {
        format!("{torn} records are no whole event that was handed over")
    })?;
    let stored: HashSet<&Bytes> = found.iter().collect();
    ensure(stored.len() == offered.len(), || {
        let missing = offered.len() - stored.len();
        format!("{missing} events are missing though handed over again")
    })?;
    let doubled = found.len() - stored.len();
    ensure(!features.dedupes || doubled == 0, || {
        format!("{doubled} records are doubled")
    })
}

/// When a delivery is dropped.
#[derive(Clone, Copy, Debug)]
enum Cut {
    AfterPolls(usize),
    AfterTime(Duration),
}

impl Cut {
    async fn reached(self) {
        match self {
            Self::AfterPolls(polls) => {
                for _ in 1..polls {
                    yield_now().await;
                }
            }
            Self::AfterTime(time) => sleep(time).await,
        }
    }
}

const CUTS: [Cut; 9] = [
    Cut::AfterPolls(1),
    Cut::AfterPolls(2),
    Cut::AfterPolls(3),
    Cut::AfterPolls(5),
    Cut::AfterPolls(9),
    Cut::AfterTime(Duration::from_micros(300)),
    Cut::AfterTime(Duration::from_millis(1)),
    Cut::AfterTime(Duration::from_millis(3)),
    Cut::AfterTime(Duration::from_millis(10)),
];
/// Events in a batch.
const BATCH: usize = 8;
/// Bytes of text in an event: long enough for a write in several parts.
const LENGTH: usize = 8 * 1024;
