use events_core::{Draft, ErrorKind, Event, EventSink, Extension, ExtensionName, SinkError};

use super::Features;
use crate::failure::ensure;
use crate::leaf::same_refusal;
use crate::sample::varied;
use crate::{Failure, ProbeSink, event};

/// The inner sink prepares each event, and does so once.
///
/// # Errors
/// Where it was not asked, asked twice, or what it did is gone.
pub async fn inner_prepares_once<W: EventSink>(
    wrap: &impl Fn(ProbeSink) -> W,
    _features: &Features,
) -> Result<(), Failure> {
    let probe = ProbeSink::new([]);
    let wrapper = wrap(probe.clone());
    let mut drafts = drafts(varied());
    wrapper.prepare(&mut drafts);
    let (asked, events) = (probe.prepared().len(), drafts.len());
    ensure(asked == events, || {
        format!("the inner sink prepared {asked} drafts of {events}")
    })?;
    for draft in &drafts {
        match draft.as_ref().map(ProbeSink::marks) {
            Ok(1) => {}
            Ok(marks) => {
                let why = format!("an event bears the inner sink's mark {marks} times");
                return Err(Failure::new(why));
            }
            Err(error) => return Err(Failure::new(format!("refused an event: {error:?}"))),
        }
    }
    Ok(())
}

/// The inner sink prepares before the wrapper does: it sees events as the host made them, and a
/// draft that it refuses the wrapper leaves alone.
///
/// # Errors
/// Where the inner sink saw a changed event, its refusal was replaced, or
/// [`Features::changes`] names an event that is not changed at all.
pub async fn inner_prepares_first<W: EventSink>(
    wrap: &impl Fn(ProbeSink) -> W,
    features: &Features,
) -> Result<(), Failure> {
    let probe = ProbeSink::new([]);
    let wrapper = wrap(probe.clone());
    let events: Vec<Event> = varied()
        .into_iter()
        .chain(features.changes.clone())
        .collect();
    let before = drafts(events);
    let mut after = before.clone();
    wrapper.prepare(&mut after);
    let seen = probe.prepared();
    let same = before.iter().flatten().eq(&seen);
    ensure(same, || {
        "the inner sink saw events that were changed already".to_owned()
    })?;
    if features.changes.is_some() {
        let changed = after.last().zip(seen.last()).is_some_and(|(after, seen)| {
            let mut unchanged = seen.clone();
            mark(&mut unchanged);
            after.as_ref().map_or(true, |after| *after != unchanged)
        });
        ensure(changed, || {
            "left alone the event that Features::changes says it changes".to_owned()
        })?;
    }
    let wrapper = wrap(ProbeSink::refusing(["2"]));
    let mut drafts = drafts(vec![event("1", "a"), event("2", "b")]);
    wrapper.prepare(&mut drafts);
    drafts
        .last()
        .map_or(Ok(()), |draft| same_refusal(draft, &ProbeSink::refusal()))
}

/// A draft that is refused already stays refused, for the reason it was, and its neighbours go on.
///
/// # Errors
/// Where another draft or reason takes its place, or a neighbour is not prepared.
pub async fn refused_drafts_stay_as_they_are<W: EventSink>(
    wrap: &impl Fn(ProbeSink) -> W,
    _features: &Features,
) -> Result<(), Failure> {
    let wrapper = wrap(ProbeSink::new([]));
    let refusal = SinkError::new(ErrorKind::Config, "stay as it is");
    let mut drafts = drafts(vec![event("1", "a"), event("3", "c")]);
    drafts.insert(1, Err(refusal.clone()));
    wrapper.prepare(&mut drafts);
    if let [first, refused, last] = drafts.as_slice() {
        same_refusal(refused, &refusal)?;
        let marks = [first, last].map(|draft| draft.as_ref().map_or(0, ProbeSink::marks));
        ensure(marks == [1, 1], || {
            "did not prepare the neighbours of a refused draft".to_owned()
        })?;
    }
    Ok(())
}

/// Drafts as sealing hands them to `prepare`: with a tenant and a time.
fn drafts(events: Vec<Event>) -> Vec<Draft> {
    let with_tenant = |mut event: Event| {
        let name = ExtensionName::from_static("tenantid");
        if event.extension(name.as_str()).is_none() {
            event.set_extension(name, Extension::String("single".into()));
        }
        Ok(event)
    };
    events.into_iter().map(with_tenant).collect()
}

fn mark(event: &mut Event) {
    event.set_extension(
        ExtensionName::from_static(ProbeSink::MARK),
        Extension::Integer(1),
    );
}
