use bytes::Bytes;
use events_core::{EventSink, EventSinkExt as _, WireEvent};

use super::Features;
use crate::failure::ensure;
use crate::sample::{numbered, seal, varied};
use crate::{Failure, ProbeSink};

/// The inner sink gets the very bytes that were sealed, each event once, in order: events sealed
/// here, and events read back as for a redrive.
///
/// # Errors
/// Where the inner sink gets other bytes, another order, more or fewer events.
pub async fn bytes_are_forwarded_untouched<W: EventSink>(
    wrap: &impl Fn(ProbeSink) -> W,
    _features: &Features,
) -> Result<(), Failure> {
    let sealed = seal(&wrap(ProbeSink::new([])), varied())?;
    let read_back: Result<Vec<_>, _> = sealed
        .iter()
        .map(|event| WireEvent::from_bytes(event.bytes().clone()))
        .collect();
    let read_back = read_back.map_err(|_| Failure::new("sealed what does not read back"))?;
    for events in [sealed, read_back] {
        let probe = ProbeSink::new([]);
        drop(wrap(probe.clone()).deliver(&events).await);
        let bytes = |events: &[WireEvent]| -> Vec<Bytes> {
            events.iter().map(|event| event.bytes().clone()).collect()
        };
        let delivered = probe.delivered();
        ensure(delivered.len() == events.len(), || {
            let (delivered, events) = (delivered.len(), events.len());
            format!("the inner sink got {delivered} events of {events}")
        })?;
        ensure(bytes(&delivered) == bytes(&events), || {
            "the inner sink got other bytes than were sealed, or in another order".to_owned()
        })?;
    }
    Ok(())
}

/// What the inner sink refuses while preparing reaches no `deliver`, and preparing delivers
/// nothing.
///
/// # Errors
/// Where the inner sink was handed anything that it should not have been.
pub async fn refused_events_are_not_delivered<W: EventSink>(
    wrap: &impl Fn(ProbeSink) -> W,
    _features: &Features,
) -> Result<(), Failure> {
    let probe = ProbeSink::refusing(["2"]);
    let wrapper = wrap(probe.clone());
    drop(wrapper.seal(numbered(3)));
    ensure(probe.delivered().is_empty(), || {
        "delivered while preparing".to_owned()
    })?;
    let results = wrapper.send_all(numbered(3)).await;
    let refused = results.iter().map(Result::is_err).collect::<Vec<_>>();
    ensure(refused == [false, true, false], || {
        format!("refused {refused:?} where the inner sink refused the second of three")
    })?;
    let delivered = probe.delivered();
    let ids: Vec<&str> = delivered
        .iter()
        .map(|event| event.attributes().id().as_str())
        .collect();
    ensure(!ids.contains(&"2"), || {
        "delivered an event that the inner sink refused".to_owned()
    })
}

/// A batch without events gets no result.
///
/// # Errors
/// Where there is one, or the inner sink is handed an event.
pub async fn an_empty_batch_is_answered_with_nothing<W: EventSink>(
    wrap: &impl Fn(ProbeSink) -> W,
    _features: &Features,
) -> Result<(), Failure> {
    let probe = ProbeSink::new([]);
    let wrapper = wrap(probe.clone());
    wrapper.prepare(&mut []);
    let results = wrapper.deliver(&[]).await.len();
    ensure(results == 0 && probe.delivered().is_empty(), || {
        format!("answered {results} results for no event")
    })
}

/// Display is the wrapper's name with the inner sink's in parentheses.
///
/// # Errors
/// Where it reads otherwise.
pub async fn display_nests<W: EventSink>(
    wrap: &impl Fn(ProbeSink) -> W,
    _features: &Features,
) -> Result<(), Failure> {
    let text = wrap(ProbeSink::new([])).to_string();
    let is_name = |name: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !name.is_empty() && name.bytes().all(plain)
    };
    let nests = text.strip_suffix("(probe)").is_some_and(is_name);
    ensure(nests, || format!("prints `{text}`, not `name(probe)`"))
}
