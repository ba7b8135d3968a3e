//! What is sent.

use std::error::Error;

use events_core::Event;

pub(crate) fn batch(name: &str, round: usize, from: usize) -> Result<Vec<Event>, Box<dyn Error>> {
    (from..from + BATCH)
        .map(|n| event(&format!("{name}-{round}-{n}")))
        .collect()
}

/// About 1 KiB of JSON.
pub(crate) fn event(id: &str) -> Result<Event, Box<dyn Error>> {
    let event = Event::builder(id, "urn:cell:c7", "run.step.done");
    Ok(event.json(&data()).build()?)
}

pub(crate) fn payload(id: &str) -> String {
    let data = data();
    format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"urn:cell:c7","type":"run.step.done","data":{data}}}"#
    )
}

fn data() -> String {
    let steps: Vec<String> = (0..9)
        .map(|n| format!(r#"{{"step":{n},"name":"compile the module number {n}","ok":true,"ms":{n}.25,"host":"build-{n}"}}"#))
        .collect();
    format!(r#"{{"run":"r42","steps":[{}]}}"#, steps.join(","))
}

/// How many events a host hands on at once.
pub(crate) const BATCH: usize = 256;
