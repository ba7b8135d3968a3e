//! What the model costs: decoding, sealing and reading back one event of about 1 KiB, against
//! `serde_json` building a tree from the same bytes in the same run.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::hint::black_box;
use std::time::Instant;

use events_core::codec::{Limits, structured};
use events_core::{EventSinkExt as _, NoopSink, WireEvent};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = sample();
    let event = structured::decode(text.as_bytes(), Limits::default())?;
    let Some(Ok(wire)) = NoopSink.seal(vec![event.clone()]).pop() else {
        return Err("the sample does not seal".into());
    };
    let tree = micros(|| serde_json::from_str::<serde_json::Value>(&text).is_ok());
    let decode = micros(|| structured::decode(text.as_bytes(), Limits::default()).is_ok());
    let clone = micros(|| event.clone());
    let seal = micros(|| NoopSink.seal(vec![event.clone()]));
    let back = micros(|| WireEvent::from_bytes(wire.bytes().clone()).is_ok());
    println!("info {} bytes sealed", wire.bytes().len());
    println!("info serde_json tree {tree:.2} us, decode {decode:.2} us, read back {back:.2} us");
    println!("info seal {:.2} us (clone {clone:.2} us)", seal - clone);
    println!(
        "ratio decode_against_json_tree value={:.2} must=<=1 goal=<=0.5 unit=x",
        decode / tree
    );
    Ok(())
}

/// The best of several rounds, in microseconds a call.
fn micros<T>(mut call: impl FnMut() -> T) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..20 {
        let start = Instant::now();
        for _ in 0..2_000 {
            black_box(call());
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e6 / 2_000.0);
    }
    best
}

fn sample() -> String {
    let items: Vec<String> = (0..9)
        .map(|n| {
            format!(
                r#"{{"step":{n},"name":"compile the module number {n}","ok":true,"ms":{n}.25,"host":"build-{n}.internal"}}"#
            )
        })
        .collect();
    format!(
        r#"{{"specversion":"1.0","id":"0191f7c2-8a4e-7c1e-9d57-3f1b2c4d5e6f","source":"urn:cell:c7","type":"run.step.done","time":"2026-11-21T10:00:00.123456Z","datacontenttype":"application/json","subject":"runs/42","runid":"r42","tenantid":"acme","data":{{"run":"r42","steps":[{}]}}}}"#,
        items.join(",")
    )
}
