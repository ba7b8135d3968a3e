use std::borrow::Cow;
use std::str::FromStr;

use events_core::codec::binary::{self, Binding};
use events_core::subject::Subject;
use events_core::{Event, SinkError, TraceParent, TraceState, WireEvent};

use crate::publisher::Header;
use crate::{Message, Mode};

/// The message for an event (CloudEvents NATS binding, section 3).
pub(crate) fn message(
    event: &WireEvent,
    subject: Subject,
    mode: Mode,
    expected_stream: Option<&str>,
) -> Result<Message, SinkError> {
    let mut headers: Vec<Header> = Vec::with_capacity(4);
    let payload = match mode {
        Mode::Structured => {
            headers.push(borrowed(CONTENT_TYPE, STRUCTURED));
            event.bytes().clone()
        }
        Mode::Binary => {
            let whole = event.to_event().map_err(SinkError::invalid)?;
            let binary::Message {
                headers: attributes,
                body,
            } = binary::encode(Binding::Nats, &whole);
            let attributes = attributes.into_iter();
            headers.extend(attributes.map(|(name, value)| (name.into(), value.into())));
            body
        }
    };
    headers.push((MESSAGE_ID.into(), event.message_id().to_string().into()));
    if let Some(stream) = expected_stream {
        headers.push((EXPECTED_STREAM.into(), stream.to_owned().into()));
    }
    if let Some(trace) = trace(event) {
        headers.push((TraceParent::NAME.into(), trace.to_string().into()));
        if let Some(state) = state(event, trace) {
            headers.push((TraceState::NAME.into(), state.as_str().to_owned().into()));
        }
    }
    Ok(Message {
        subject,
        payload,
        headers,
    })
}

/// Where the trace stands that brings the event on: where it came from, else where it began.
fn trace(event: &WireEvent) -> Option<TraceParent> {
    let event = event.attributes();
    event.hop().or_else(|| read(event, TraceParent::NAME))
}

/// What vendors added to the trace, where it is the one that the event began in. The attribute is
/// redacted like all of the event, which the header of a request is not.
fn state(event: &WireEvent, trace: TraceParent) -> Option<TraceState> {
    let event = event.attributes();
    let began: TraceParent = read(event, TraceParent::NAME)?;
    let is_the_same = began.trace() == trace.trace();
    is_the_same.then(|| read(event, TraceState::NAME)).flatten()
}

/// The extension attribute `name`, where it holds what it should.
fn read<T: FromStr>(event: &Event, name: &str) -> Option<T> {
    event.extension(name)?.to_canonical().parse().ok()
}

fn borrowed(name: &'static str, value: &'static str) -> Header {
    (Cow::Borrowed(name), Cow::Borrowed(value))
}

const CONTENT_TYPE: &str = "Content-Type";
const STRUCTURED: &str = "application/cloudevents+json; charset=UTF-8";
const MESSAGE_ID: &str = "Nats-Msg-Id";
const EXPECTED_STREAM: &str = "Nats-Expected-Stream";
