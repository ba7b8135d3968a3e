use events_core::{ErrorKind, EventSink, Outcome, Place, SinkError};

use super::Features;
use crate::failure::ensure;
use crate::sample::{numbered, seal};
use crate::{Failure, ProbeSink, Step};

/// Each result stands at its event's place in the batch, whichever of them the inner sink refuses.
///
/// # Errors
/// Where results are missing, or stand for other events.
pub async fn results_keep_their_places<W: EventSink>(
    wrap: &impl Fn(ProbeSink) -> W,
    features: &Features,
) -> Result<(), Failure> {
    let kept = KINDS.iter().find(|kind| !features.absorbs.contains(kind));
    let refused = kept.map_or(Step::Ok, |kind| Step::Fail(*kind));
    let script = [Step::Ok, refused, Step::Ok, Step::Ok, refused];
    let wrapper = wrap(ProbeSink::new(script));
    let events = seal(&wrapper, numbered(script.len()))?;
    let results = wrapper.deliver(&events).await;
    let mut stored = 0;
    let expected: Vec<Option<u64>> = script
        .iter()
        .map(|step| {
            (*step == Step::Ok).then(|| {
                stored += 1;
                stored
            })
        })
        .collect();
    let found: Vec<Option<u64>> = results.iter().map(sequence).collect();
    ensure(found == expected, || {
        format!("answered for the inner sink's sequences {found:?}, not {expected:?}")
    })
}

/// An error of the inner sink is answered with its kind, but for those that
/// [`Features::absorbs`].
///
/// # Errors
/// Names the first kind that became another.
pub async fn error_kinds_are_kept<W: EventSink>(
    wrap: &impl Fn(ProbeSink) -> W,
    features: &Features,
) -> Result<(), Failure> {
    for kind in KINDS {
        let wrapper = wrap(ProbeSink::new([Step::Fail(kind)]));
        let events = seal(&wrapper, numbered(1))?;
        let results = wrapper.deliver(&events).await;
        ensure(results.len() == 1, || {
            format!("answered {} results for one event", results.len())
        })?;
        if features.absorbs.contains(&kind) {
            continue;
        }
        let errors = results.iter().map(|result| result.as_ref().err());
        let kinds: Vec<_> = errors.map(|error| error.map(SinkError::kind)).collect();
        ensure(kinds == [Some(kind)], || {
            format!("answered {kinds:?} where the inner sink failed with {kind:?}")
        })?;
    }
    Ok(())
}

fn sequence(result: &Result<Outcome, SinkError>) -> Option<u64> {
    match result.as_ref().ok()?.receipt().place() {
        Place::Stream { sequence, .. } => Some(*sequence),
        _ => None,
    }
}

const KINDS: [ErrorKind; 5] = [
    ErrorKind::Rejected,
    ErrorKind::Invalid,
    ErrorKind::Config,
    ErrorKind::Saturated,
    ErrorKind::Unavailable,
];
