//! What signing and verifying one event of about 1 KiB costs, beside the bare Ed25519 operations
//! in the same run.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use events_core::{Draft, Event, Outcome, Place, WireEvent};
use events_core::{EventSinkExt as _, NoopSink};
use sink_sign::dsse::{Material, PAYLOAD_TYPE, pae};
use sink_sign::{Audit, Line, Mode, Order, Sign, SignSink, Signer, SigningKey, Verifier};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = Arc::new(SigningKey::from_seed(&[7; 32]));
    let shared: Arc<dyn Sign> = Arc::<SigningKey>::clone(&key);
    let signer = Arc::new(Signer::new(shared, Default::default()));
    let sink = SignSink::new(NoopSink, Arc::clone(&signer));
    let wires: Vec<WireEvent> = sink.seal(sample()?).into_iter().collect::<Result<_, _>>()?;
    for wire in &wires {
        drop(Outcome::delivered(wire, Place::Noop));
    }
    let bytes: usize = wires.iter().map(|wire| wire.bytes().len()).sum();
    println!("info signed event {} bytes", bytes / COUNT);

    let plain = sample()?;
    let message = pae(
        PAYLOAD_TYPE,
        Material::of(plain.first().ok_or("no event")?)
            .encode()
            .as_bytes(),
    );
    let bare_sign = micros(COUNT, || {
        (0..COUNT).filter(|_| key.sign(&message).is_ok()).count()
    });
    let clone = micros(COUNT, || plain.clone());
    let sign = micros(COUNT, || {
        let mut drafts: Vec<Draft> = plain.iter().cloned().map(Ok).collect();
        signer.sign(&mut drafts);
        drafts
    }) - clone;
    println!("info sign {sign:.1} us an event, bare Ed25519 {bare_sign:.1} us");
    let ratio = sign / bare_sign;
    println!("ratio sign_against_bare_ed25519 value={ratio:.2} must=<=2 goal=<=1.2 unit=x");

    let signature = key.sign(&message)?;
    let public = key.public_key();
    let verify_bare = || {
        (0..COUNT)
            .filter(|_| public.verifies(&message, &signature))
            .count()
    };
    let bare_verify = micros(COUNT, verify_bare);
    let verifier = Verifier::new(signer.public_keys(), Mode::Strict);
    let events: Vec<Event> = wires
        .iter()
        .map(WireEvent::to_event)
        .collect::<Result<_, _>>()?;
    let check = micros(COUNT, || {
        events
            .iter()
            .filter(|event| verifier.check(event).is_verified())
            .count()
    });
    let audit = micros(COUNT, || {
        let mut audit = Audit::new(verifier.clone(), Order::Strict);
        for (place, wire) in wires.iter().enumerate() {
            black_box(audit.line("journal", &Line::whole(place as u64, wire.bytes())));
        }
        audit.finish().findings()
    });
    println!("info verify {check:.1} us an event, bare Ed25519 {bare_verify:.1} us");
    let ratio = check / bare_verify;
    println!("ratio verify_against_bare_ed25519 value={ratio:.2} must=<=2 goal=<=1.2 unit=x");
    println!(
        "info audit {audit:.1} us a line, {:.0} lines/s a core",
        1e6 / audit
    );
    Ok(())
}

/// The best of several rounds, in microseconds for each of the `count` things a call does.
fn micros<T>(count: usize, mut call: impl FnMut() -> T) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..20 {
        let start = Instant::now();
        black_box(call());
        best = best.min(start.elapsed().as_secs_f64() * 1e6 / count as f64);
    }
    best
}

fn sample() -> Result<Vec<Event>, events_core::Violations> {
    let step = r#"{"name":"compile the module","ok":true,"ms":1.25,"host":"build.internal"}"#;
    let steps = [step; 11].join(",");
    let event = |place: usize| {
        Event::builder(&place.to_string(), "urn:cell:c7", "run.step.done")
            .time("2026-11-21T10:00:00.123456Z")
            .extension("tenantid", "acme")
            .extension("runid", "r42")
            .json(&format!(r#"{{"run":"r42","steps":[{steps}]}}"#))
            .build()
    };
    (0..COUNT).map(event).collect()
}

const COUNT: usize = 500;
