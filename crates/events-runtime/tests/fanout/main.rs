//! What a fan-out promises: needs, isolation, and that nobody gets an event twice.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod again;
mod alone;
mod needs;
mod port;

use std::sync::Arc;
use std::time::Duration;

use events_core::{ErrorKind, EventSink, Outcome, SinkError, WireEvent};
use events_runtime::{Child, Fanout, Need};

fn child(name: &str, need: Need, sink: &(impl EventSink + Clone)) -> Child {
    Child {
        name: name.to_owned(),
        sink: Arc::new(sink.clone()),
        need,
        deadline: DEADLINE,
    }
}

fn fanout<const N: usize>(children: [Child; N]) -> Fanout {
    Fanout::new(children.into()).unwrap()
}

fn kinds(results: &[Result<Outcome, SinkError>]) -> Vec<Option<ErrorKind>> {
    let kind = |result: &Result<_, SinkError>| result.as_ref().err().map(SinkError::kind);
    results.iter().map(kind).collect()
}

fn ids(events: &[WireEvent]) -> Vec<String> {
    let id = |event: &WireEvent| event.attributes().id().as_str().to_owned();
    events.iter().map(id).collect()
}

const DEADLINE: Duration = Duration::from_secs(5);
