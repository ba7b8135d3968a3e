//! How often sealing an event of about 1 KiB asks for memory, redacted alone and signed too.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::sync::Arc;

use allocation_counter::measure;
use events_core::{Event, EventSink, EventSinkExt as _, NoopSink};
use sink_redact::{Config, RedactSink, Redactor, TokenKey};
use sink_sign::{SignSink, Signer, SigningKey};

fn main() -> Result<(), Box<dyn Error>> {
    let redactor = Arc::new(Redactor::new(Config::builtin(TokenKey::new([7; 32])))?);
    let redact = RedactSink::new(NoopSink, redactor);
    let redacted = per_event(&redact)?;
    let key = Arc::new(SigningKey::from_seed(&[7; 32]));
    let signed = per_event(&SignSink::new(
        redact,
        Arc::new(Signer::new(key, Default::default())),
    ))?;
    println!("info signed events take {signed:.1} allocations each");
    println!("ratio allocations_per_event value={redacted:.1} must=<=5 goal=<=1 unit=allocations");
    Ok(())
}

/// Allocations of a second batch, when what is made once has been made.
fn per_event(sink: &impl EventSink) -> Result<f64, Box<dyn Error>> {
    let (first, second) = (events()?, events()?);
    drop(sink.seal(first));
    let mut sealed = Vec::new();
    let taken = measure(|| sealed = sink.seal(second));
    for event in sealed {
        drop(event?);
    }
    Ok(taken.count_total as f64 / BATCH as f64)
}

fn events() -> Result<Vec<Event>, events_core::Violations> {
    let steps: Vec<String> = (0..9)
        .map(|n| format!(r#"{{"step":{n},"name":"compile the module number {n}","ok":true,"ms":{n}.25,"host":"build-{n}"}}"#))
        .collect();
    let data = format!(r#"{{"run":"r42","steps":[{}]}}"#, steps.join(","));
    let event = |n: usize| {
        Event::builder(&format!("event-{n}"), "urn:cell:c7", "run.step.done")
            .time("2026-11-21T10:00:00.123456Z")
            .extension("tenantid", "acme")
            .json(&data)
            .build()
    };
    (0..BATCH).map(event).collect()
}

const BATCH: usize = 256;
