//! The store over a file and over a server of its own, read back by other programs.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod columns;
mod conforming;
mod kill;
mod migrating;
mod ordering;
mod past;
mod postgres;
mod reading;
mod refusing;

use std::path::Path;
use std::time::Duration;

use events_core::{Event, EventSinkExt as _, NoopSink, Outcome, Place, SinkError, WireEvent};
use sink_store::{Config, Store};

/// A store at `url` that gives up soon.
fn open(url: &str) -> Store {
    let config = Config {
        deadline: Duration::from_secs(5),
        ..Config::default()
    };
    Store::open(url.parse().unwrap(), config).unwrap()
}

fn file(dir: &Path) -> String {
    format!("sqlite:{}", dir.join("store.sqlite").display())
}

fn seal(event: Event) -> WireEvent {
    NoopSink.seal(vec![event]).remove(0).unwrap()
}

fn numbered(number: usize) -> WireEvent {
    seal(sink_testkit::event(&number.to_string(), "hello bob"))
}

fn row(result: &Result<Outcome, SinkError>) -> u64 {
    match result.as_ref().unwrap().receipt().place() {
        Place::Store { row } => *row,
        other => panic!("{other:?} is no row"),
    }
}

/// Every row's event, in the order of storing, through a connection of the test's own.
fn wires(path: &Path) -> Vec<String> {
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut rows = connection
        .prepare("SELECT wire FROM agent_events ORDER BY seq")
        .unwrap();
    let wires = rows.query_map([], |row| row.get(0)).unwrap();
    wires.map(Result::unwrap).collect()
}
