//! No bytes make the batch decoder panic, and what it accepts it writes and reads back.
#![no_main]

use events_core::Event;
use events_core::codec::{Limits, batch};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(results) = batch::decode(bytes, Limits::default()) else { return };
    let events: Vec<Event> = results.into_iter().flatten().collect();
    let written = batch::encode(&events);
    let again = batch::decode(written.as_bytes(), Limits::UNLIMITED).expect("reads back");
    let again: Vec<Event> = again.into_iter().map(|event| event.expect("reads back")).collect();
    assert!(again == events);
});
