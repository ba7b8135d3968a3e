use events_core::{Draft, ErrorKind, Event, EventSink as _, SinkError};

use super::{Features, LeafUnderTest};
use crate::failure::ensure;
use crate::sample::varied;
use crate::{Failure, event};

/// `prepare` leaves every event as it is and refuses none.
///
/// # Errors
/// Where one is changed or refused.
pub async fn prepare_changes_nothing(
    leaf: &mut impl LeafUnderTest,
    _features: Features,
) -> Result<(), Failure> {
    let sink = leaf.open().await;
    let events = varied();
    let mut drafts: Vec<Draft> = events.iter().cloned().map(Ok).collect();
    sink.prepare(&mut drafts);
    let untouched = |(draft, event): (&Draft, &Event)| draft.as_ref().is_ok_and(|d| d == event);
    let touched = drafts.iter().zip(&events).position(|pair| !untouched(pair));
    ensure(touched.is_none(), || {
        "changed or refused an event, which Features::prepares has to tell".to_owned()
    })
}

/// A draft that is refused already stays refused, for the reason it was.
///
/// # Errors
/// Where another draft or reason takes its place.
pub async fn refused_drafts_stay_as_they_are(
    leaf: &mut impl LeafUnderTest,
    _features: Features,
) -> Result<(), Failure> {
    let sink = leaf.open().await;
    let refusal = SinkError::new(ErrorKind::Config, "stay as it is");
    let mut drafts = [
        Ok(event("1", "a")),
        Err(refusal.clone()),
        Ok(event("3", "c")),
    ];
    sink.prepare(&mut drafts);
    let [_, refused, _] = &drafts;
    same_refusal(refused, &refusal)
}

/// Whether a draft is refused with `refusal`.
pub(crate) fn same_refusal(draft: &Draft, refusal: &SinkError) -> Result<(), Failure> {
    match draft {
        Ok(_) => Err(Failure::new("took a refusal back")),
        Err(error) => ensure(format!("{error:?}") == format!("{refusal:?}"), || {
            format!("put another reason, `{error:?}`, in the place of a refusal")
        }),
    }
}
