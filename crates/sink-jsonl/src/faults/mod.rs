//! The journal on a file system that fails on demand and forgets, at a power cut, what was not
//! synced.

mod every_call;
mod one_call;
mod queueing;

use bytes::Bytes;
use events_core::{Event, EventSinkExt as _, NoopSink, WireEvent};

/// A sealed event with the id `id`.
fn event(id: usize) -> WireEvent {
    let event = Event::builder(&id.to_string(), "/test", "test.happened").build();
    let sealed = NoopSink.seal(vec![event.unwrap()]).pop().unwrap();
    sealed.unwrap()
}

/// The id of the event on a line.
fn id_on(line: Bytes) -> usize {
    let event = WireEvent::from_bytes(line).unwrap();
    event.attributes().id().as_str().parse().unwrap()
}
