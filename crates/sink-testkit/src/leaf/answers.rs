use events_core::{ErrorKind, EventSink as _, NoopSink, Outcome, SinkError, WireEvent};
use tokio::time::timeout;

use super::storage::compare;
use super::{Features, LeafUnderTest};
use crate::failure::ensure;
use crate::sample::{numbered, seal};
use crate::{Failure, event};

/// A batch of any size gets as many results as it has events.
///
/// # Errors
/// Where there are more or fewer.
pub async fn each_event_gets_one_result(
    leaf: &mut impl LeafUnderTest,
    _features: Features,
) -> Result<(), Failure> {
    let sink = leaf.open().await;
    let events = seal(&sink, numbered(100))?;
    let mut rest = events.as_slice();
    for size in [1, 2, 7, 90] {
        let (batch, others) = rest.split_at(size);
        rest = others;
        let results = sink.deliver(batch).await.len();
        ensure(results == size, || {
            format!("answered {results} results for {size} events")
        })?;
    }
    Ok(())
}

/// A batch without events stores nothing and gets no result.
///
/// # Errors
/// Where there is a result or a record.
pub async fn an_empty_batch_is_answered_with_nothing(
    leaf: &mut impl LeafUnderTest,
    features: Features,
) -> Result<(), Failure> {
    let sink = leaf.open().await;
    let results = sink.deliver(&[]).await.len();
    ensure(results == 0, || {
        format!("answered {results} results for no event")
    })?;
    compare(&[], leaf.read_back().await, features)
}

/// An event one byte too long is `Rejected`, and the others of its batch are stored.
///
/// # Errors
/// Where it is accepted, refused with another kind, or takes others with it.
pub async fn an_oversized_event_harms_only_itself(
    leaf: &mut impl LeafUnderTest,
    features: Features,
) -> Result<(), Failure> {
    let bound = features.max_event_bytes.unwrap_or(usize::MAX);
    let sink = leaf.open().await;
    let mut batch = seal(&sink, numbered(2))?;
    batch.insert(1, oversized(bound)?);
    let results = sink.deliver(&batch).await;
    let kinds: Vec<_> = results.iter().map(kind_of).collect();
    ensure(kinds == [None, Some(ErrorKind::Rejected), None], || {
        format!("answered {kinds:?} to one event too long between two others")
    })?;
    batch.remove(1);
    compare(&batch, leaf.read_back().await, features)
}

/// A sink that lost what it stores in says `Unavailable` for each event, in the time it promised.
///
/// # Errors
/// Where it answers later, or anything else.
pub async fn unreachable_is_said_in_time(
    leaf: &mut impl LeafUnderTest,
    features: Features,
) -> Result<(), Failure> {
    let within = features.unreachable_within.unwrap_or_default();
    let sink = leaf.open().await;
    let events = seal(&sink, numbered(3))?;
    leaf.cut_off().await;
    let results = timeout(within, sink.deliver(&events))
        .await
        .map_err(|_| Failure::new(format!("did not answer within {within:?}")))?;
    let kinds: Vec<_> = results.iter().map(kind_of).collect();
    ensure(kinds == [Some(ErrorKind::Unavailable); 3], || {
        format!("answered {kinds:?} to three events while cut off")
    })
}

/// A sealed event that is one byte longer than `bound`.
pub(super) fn oversized(bound: usize) -> Result<WireEvent, Failure> {
    let sealed = |padding: usize| {
        let event = event("oversized", &"x".repeat(padding));
        let sealed = seal(&NoopSink, vec![event])?.pop();
        sealed.ok_or_else(|| Failure::new("a sample does not seal"))
    };
    let without = sealed(0)?.bytes().len();
    sealed((bound + 1).saturating_sub(without))
}

fn kind_of(result: &Result<Outcome, SinkError>) -> Option<ErrorKind> {
    result.as_ref().err().map(SinkError::kind)
}
