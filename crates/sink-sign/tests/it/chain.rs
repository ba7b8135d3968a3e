//! What the signer and its sink set, and what becomes of numbers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use events_core::{ErrorKind, Event, EventSink as _, EventSinkExt as _, MemorySink, WireEvent};
use proptest::prelude::{ProptestConfig, any, prop, proptest};
use sink_sign::{
    Config, KeyId, Mode, Order, PublicKey, Sign, SignError, SignSink, Signer, SigningKey, Verdict,
    Verifier,
};

use super::support::{
    Scripted, audit, audit_lines, event, keep, key, keys, of_tenant, seal, sealed, signer, text,
};

fn attribute<'a>(event: &'a Event, name: &str) -> &'a str {
    event.extension(name).unwrap().as_str().unwrap()
}

#[test]
fn an_event_bears_its_chain_its_number_and_its_exact_time() {
    let event = sealed(event("1").time("2020-06-18T19:24:53.120+02:00"));
    assert_eq!(attribute(&event, "sequence"), "00000000000000000001");
    assert_eq!(attribute(&event, "settledsequence"), "00000000000000000000");
    assert_eq!(
        attribute(&event, "exacttime"),
        "2020-06-18T19:24:53.120+02:00"
    );
    assert_eq!(event.extension("voidedsequences"), None);
    let producer: Vec<&str> = attribute(&event, "producerid").split('.').collect();
    assert_eq!(producer[0], key().key_id().as_str());
    assert_eq!(producer[1].len(), 26);
    assert_eq!(producer[2..], ["events", "single"]);
    assert!(
        Verifier::new(keys(), Mode::Strict)
            .check(&event)
            .is_verified()
    );
}

#[test]
fn every_extension_is_signed_whatever_its_type_but_for_the_trace() {
    let event = sealed(
        event("1")
            .integer_extension("count", -7)
            .boolean_extension("flag", true)
            .extension(
                "traceparent",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            )
            .extension("tracestate", "a=1"),
    );
    let verified = Verifier::new(keys(), Mode::Strict)
        .verified_event(event)
        .unwrap();
    for name in [
        "count",
        "flag",
        "tenantid",
        "producerid",
        "sequence",
        "exacttime",
    ] {
        assert!(verified.event.extension(name).is_some(), "{name}");
    }
    let unverified: Vec<_> = verified
        .unverified
        .keys()
        .map(|name| name.as_str())
        .collect();
    assert_eq!(unverified, ["traceparent", "tracestate"]);
}

#[test]
fn what_an_event_brought_is_kept_under_another_name() {
    let event = sealed(
        event("1")
            .extension("sequence", "41")
            .extension("dssematerial", "e30="),
    );
    assert_eq!(attribute(&event, "originsequence"), "41");
    assert_eq!(attribute(&event, "origindssematerial"), "e30=");
    assert_eq!(attribute(&event, "sequence"), "00000000000000000001");
    assert!(
        Verifier::new(keys(), Mode::Strict)
            .check(&event)
            .is_verified()
    );
}

#[test]
fn an_event_that_no_route_leads_from_is_refused_and_takes_no_number() {
    let signer = Arc::new(signer());
    let lost = Event::builder("1", "/s", "no subject").build().unwrap();
    assert_eq!(seal(&signer, lost).unwrap_err().kind(), ErrorKind::Invalid);
    let next = seal(&signer, event("2").build().unwrap()).unwrap();
    let next = next.to_event().unwrap();
    assert_eq!(attribute(&next, "sequence"), "00000000000000000001");
}

#[test]
fn a_batch_is_numbered_in_its_order_and_refusals_stay_alone() {
    let sink = SignSink::new(MemorySink::default(), Arc::new(signer()));
    let batch = ["a.1", "bad type", "a.2", "a.3"]
        .map(|kind| Event::builder(kind, "/s", kind).build())
        .map(|event| event.unwrap());
    let number = |sealed: Result<WireEvent, _>| {
        let event = sealed.ok()?.to_event().unwrap();
        attribute(&event, "sequence").parse::<u64>().ok()
    };
    let numbers: Vec<_> = sink.seal(batch.into()).into_iter().map(number).collect();
    assert_eq!(numbers, [Some(1), None, Some(2), Some(3)]);
}

#[tokio::test]
async fn a_number_that_nobody_stored_is_declared_by_the_next_event() {
    let sink = Scripted::default();
    sink.script
        .lock()
        .unwrap()
        .extend([true, false, false, true]);
    let memory = sink.memory.clone();
    let sink = SignSink::new(sink, Arc::new(signer()));
    for id in ["1", "2", "3", "4", "5"] {
        let sent = sink.send(event(id).build().unwrap()).await;
        assert_eq!(sent.is_ok(), !["2", "3"].contains(&id));
    }
    let lines: Vec<_> = memory.events().iter().map(text).collect();
    let report = audit_lines(&lines);
    assert_eq!(report.findings(), 0, "{report:?}");
    assert_eq!(report.chains[0].declared.to_string(), "2-3");
    assert!(report.chains[0].undetermined.is_empty());
    let last = memory.events()[2].to_event().unwrap();
    assert_eq!(attribute(&last, "settledsequence"), "00000000000000000004");
    assert_eq!(last.extension("voidedsequences"), None);
}

/// A device that can be out of reach.
#[derive(Debug)]
struct Remote {
    key: SigningKey,
    is_away: AtomicBool,
}

impl Sign for Remote {
    fn key_id(&self) -> &KeyId {
        self.key.key_id()
    }

    fn public_key(&self) -> PublicKey {
        self.key.public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        if self.is_away.load(Ordering::Relaxed) {
            return Err(SignError::new("the device is away"));
        }
        self.key.sign(message)
    }
}

#[test]
fn a_number_taken_for_a_signature_that_fails_is_void() {
    let remote = Arc::new(Remote {
        key: key(),
        is_away: AtomicBool::new(true),
    });
    let device: Arc<dyn Sign> = Arc::<Remote>::clone(&remote);
    let signer = Arc::new(Signer::new(device, Config::default()));
    let error = seal(&signer, event("1").build().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    remote.is_away.store(false, Ordering::Relaxed);
    let next = seal(&signer, event("2").build().unwrap())
        .unwrap()
        .to_event()
        .unwrap();
    assert_eq!(attribute(&next, "sequence"), "00000000000000000002");
    assert_eq!(attribute(&next, "voidedsequences"), "1");
    assert_eq!(attribute(&next, "settledsequence"), "00000000000000000001");
}

#[test]
fn a_receipt_can_be_signed_before_any_chain_exists() {
    let signer = signer();
    let mut receipt = event("1").time("2020-06-18T17:24:53.5Z").build().unwrap();
    signer.sign_unchained(&mut receipt).unwrap();
    assert_eq!(receipt.extension("producerid"), None);
    let verdict = Verifier::new(signer.public_keys(), Mode::Strict).check(&receipt);
    let key_id = key().key_id().clone();
    assert_eq!(verdict, Verdict::Verified { key_id });
    assert_eq!(signer.status().chains, 0);
}

#[test]
fn an_event_is_numbered_once() {
    let mut twice = sealed(event("1"));
    let error = signer().sign_unchained(&mut twice).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    let mut drafts = [Ok(twice)];
    signer().sign(&mut drafts);
    assert!(drafts[0].is_err());
}

#[test]
fn the_sink_shows_its_nest_and_the_signer_its_status() {
    let signer = Arc::new(signer());
    let sink = SignSink::new(MemorySink::default(), Arc::clone(&signer));
    assert_eq!(sink.to_string(), "sign(memory)");
    sink.prepare(&mut [Ok(of_tenant("1", "a")), Ok(of_tenant("2", "b"))]);
    let status = serde_json::to_value(signer.status()).unwrap();
    assert_eq!(status["keyid"], key().key_id().as_str());
    assert_eq!(status["run"].as_str().unwrap().len(), 26);
    assert_eq!(status["chains"], 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Seal, store with or without the answer coming back, lose, crash: whatever is stored in the
    /// end, and in whatever order, no audit finds anything, and what is stored is all accounted.
    #[test]
    fn an_honest_run_never_shows_a_hole(
        steps in prop::collection::vec((0_u8..10, any::<prop::sample::Index>()), 0..60),
    ) {
        let mut run = Arc::new(signer());
        let mut in_flight = Vec::new();
        let mut stored: Vec<String> = Vec::new();
        for (count, (step, which)) in steps.into_iter().enumerate() {
            if step == 9 {
                // A crash: what is in flight is stored or not, and nobody is told.
                for (place, wire) in std::mem::take(&mut in_flight).iter().enumerate() {
                    if (which.index(1 << 16) >> (place % 16)) & 1 == 0 {
                        stored.push(text(wire));
                    }
                    // The claims must outlive the run, as they would in a process that is gone.
                    std::mem::forget(events_core::WireEvent::clone(wire));
                }
                run = Arc::new(signer());
            } else if step < 4 || in_flight.is_empty() {
                let tenant = ["a", "b"][usize::from(step % 2)];
                in_flight.push(seal(&run, of_tenant(&count.to_string(), tenant)).unwrap());
            } else {
                let wire = in_flight.swap_remove(which.index(in_flight.len()));
                match step {
                    4..=6 => {
                        keep(&wire);
                        stored.push(text(&wire));
                    }
                    // Given up on, and stored all the same.
                    7 => stored.push(text(&wire)),
                    _ => {}
                }
            }
        }
        let report = audit(Mode::Strict, Order::Any, &stored.join("\n"));
        assert_eq!(report.findings(), 0, "{report:?}");
        assert_eq!(report.events(), stored.len() as u64);
    }
}
