//! The spool on a file system that fails on demand and forgets, at a power cut, what was not
//! synced.

mod damage;
mod every_call;
mod interrupted;
mod one_call;
mod panic;

use std::time::UNIX_EPOCH;

use events_core::{ErrorKind, Event, EventSinkExt as _, NoopSink};

use super::load::Loaded;
use super::{Cause, Config, Entry};

fn entry(id: usize) -> Entry {
    let event = Event::builder(&format!("{id:04}"), "/test", "test.happened").build();
    let sealed = NoopSink.seal(vec![event.unwrap()]).pop().unwrap();
    Entry {
        event: sealed.unwrap(),
        subject: format!("test.{}", id % 3),
        cause: cause(),
    }
}

fn cause() -> Cause {
    Cause::new(ErrorKind::Unavailable, "no answer", UNIX_EPOCH)
}

fn event_id(loaded: &Loaded) -> usize {
    let event = events_core::WireEvent::from_bytes(loaded.event.clone()).unwrap();
    event.attributes().id().as_str().parse().unwrap()
}

fn small() -> Config {
    Config {
        segment_bytes: 600,
        reserve_bytes: 1,
        ..Config::default()
    }
}
