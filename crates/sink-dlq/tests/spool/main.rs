//! The spool on real files.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bounds;
mod kill;
mod living;
mod power;
mod reading;
mod syncing;
mod trusting;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use events_core::{ErrorKind, Event, EventSinkExt as _, NoopSink, Place, WireEvent};
use sink_dlq::{
    Area, Cause, Entry, Limit, Record, RecordId, Spool, SpoolConfig, SpoolError, Stored,
};

/// A sealed event with the id `id` and about `length` bytes of data.
fn event_of(id: usize, length: usize) -> WireEvent {
    // Events of one length, so that tests can reckon with it.
    let event = Event::builder(&format!("{id:06}"), "/test", "test.happened")
        .time("2026-01-01T00:00:00Z")
        .json(&format!("\"{}\"", "x".repeat(length)))
        .build()
        .unwrap();
    NoopSink.seal(vec![event]).pop().unwrap().unwrap()
}

fn cause(reason: &str) -> Cause {
    Cause::new(ErrorKind::Unavailable, reason, at(1_700_000_000))
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn entry(id: usize) -> Entry {
    entry_of(id, 0)
}

fn entry_of(id: usize, length: usize) -> Entry {
    Entry {
        event: event_of(id, length),
        subject: format!("test.{}", id % 3),
        cause: cause("no answer"),
    }
}

fn config() -> SpoolConfig {
    SpoolConfig {
        reserve_bytes: 0,
        ..SpoolConfig::default()
    }
}

fn open(dir: &Path) -> Spool {
    Spool::open(dir, config()).unwrap()
}

async fn append(spool: &Spool, id: usize) -> Result<Stored, SpoolError> {
    let stored = spool.append(Area::Waiting, vec![entry(id)]).await;
    stored.into_iter().next().unwrap()
}

async fn records(spool: &Spool, area: Area) -> Vec<Record> {
    let limit = Limit {
        records: usize::MAX,
        bytes: usize::MAX,
    };
    spool.next(area, None, limit).await.unwrap()
}

/// The ids of an area's events, in order.
async fn ids(spool: &Spool, area: Area) -> Vec<usize> {
    let records = records(spool, area).await;
    records.iter().map(event_id).collect()
}

fn event_id(record: &Record) -> usize {
    record.event.attributes().id().as_str().parse().unwrap()
}

fn place_of(record: &Record) -> (RecordId, Place) {
    (record.id, record.place.clone())
}

/// The segments of an area, oldest first.
fn segments(dir: &Path, area: Area) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir.join(area.as_str())).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "seg"));
    paths.sort_unstable();
    paths
}
