use super::storage::{compare, store};
use super::{Features, LeafUnderTest};
use crate::Failure;
use crate::sample::{numbered, oddly_named, seal};

/// An event that comes again is `Ok` and stored once: within a batch, in a later call, after
/// others.
///
/// # Errors
/// Where it is refused or doubled.
pub async fn an_identity_twice_is_stored_once(
    leaf: &mut impl LeafUnderTest,
    features: Features,
) -> Result<(), Failure> {
    let sink = leaf.open().await;
    let events = seal(&sink, numbered(3))?;
    let doubled: Vec<_> = events.iter().chain(&events).cloned().collect();
    store(&sink, &doubled).await?;
    store(&sink, &events).await?;
    compare(&events, leaf.read_back().await, features)
}

/// Ids that hold any text, paths, wildcards or quotes are stored like others, each as itself.
///
/// # Errors
/// Where one of them is refused, missing or changed.
pub async fn odd_ids_are_stored(
    leaf: &mut impl LeafUnderTest,
    features: Features,
) -> Result<(), Failure> {
    let sink = leaf.open().await;
    let events = seal(&sink, oddly_named())?;
    store(&sink, &events).await?;
    compare(&events, leaf.read_back().await, features)
}
