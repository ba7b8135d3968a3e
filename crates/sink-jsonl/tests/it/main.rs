//! The journal on real files.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod appending;
mod conforming;
mod full_disk;
mod history;
mod kill;
mod reading;
mod repairing;
mod rotating;
mod trusting;

use std::path::Path;

use events_core::{Event, EventSinkExt as _, NoopSink, Outcome, Place, SinkError, WireEvent};
use sink_jsonl::read::{Record, Records, segments};
use sink_jsonl::{Config, Journal};

/// A sealed event with the id `id`.
fn event(id: usize) -> WireEvent {
    event_of(id, 0)
}

/// The same with about `length` bytes of data.
fn event_of(id: usize, length: usize) -> WireEvent {
    // Events of one length, so that tests can reckon with it.
    let event = Event::builder(&format!("{id:06}"), "/test", "test.happened")
        .time("2026-01-01T00:00:00Z")
        .json(&format!("\"{}\"", "x".repeat(length)))
        .build()
        .unwrap();
    NoopSink.seal(vec![event]).pop().unwrap().unwrap()
}

fn open(dir: &Path, config: Config) -> Journal {
    Journal::open(dir, config).unwrap()
}

async fn append(journal: &Journal, id: usize) -> Result<Outcome, SinkError> {
    journal.append(&[event(id)]).await.pop().unwrap()
}

/// The segment and offset of an event that was taken.
fn place(result: Result<Outcome, SinkError>) -> (String, u64) {
    let Place::Journal { segment, offset } = result.unwrap().receipt().place().clone() else {
        panic!("not a journal's receipt");
    };
    (segment, offset)
}

fn records(dir: &Path) -> Vec<Record> {
    let records = Records::new(segments(dir).unwrap());
    records.map(Result::unwrap).collect()
}

/// The ids of all events in the journal, in order.
fn ids(dir: &Path) -> Vec<usize> {
    let id = |record: Record| {
        let event = WireEvent::from_bytes(record.line).unwrap();
        event.attributes().id().as_str().parse().unwrap()
    };
    records(dir).into_iter().map(id).collect()
}

/// The file names of the segments.
fn names(dir: &Path) -> Vec<String> {
    let segments = segments(dir).unwrap();
    segments.into_iter().map(|segment| segment.name).collect()
}

/// An error and its causes.
fn words(error: &SinkError) -> String {
    format!("{error:?}")
}
