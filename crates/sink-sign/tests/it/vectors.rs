//! The vectors in `testdata`, which an independent implementation made.

use events_core::{Event, codec};
use serde_json::Value;
use sink_sign::dsse::{Envelope, Material, PAYLOAD_TYPE, pae};
use sink_sign::{Audit, Line, Mode, Order, PublicKeys, Report, Sign as _, SigningKey, Verifier};

pub(crate) const VECTORS: &str = include_str!("../../testdata/vectors.json");

pub(crate) fn vectors() -> Value {
    serde_json::from_str(VECTORS).unwrap()
}

fn audit() -> Audit {
    let keys = vectors().get("keys").map(Value::to_string);
    let keys = PublicKeys::parse(&keys.unwrap()).unwrap();
    Audit::new(Verifier::new(keys, Mode::Strict), Order::Any)
}

#[test]
fn every_event_gets_its_verdict() {
    let vectors = vectors();
    let events = vectors["events"].as_array().unwrap();
    assert!(events.len() > 40);
    for event in events {
        let mut audit = audit();
        let line = Line::whole(1, event["line"].as_str().unwrap().as_bytes());
        let verdict = audit
            .line("vectors", &line)
            .map(|verdict| verdict.to_string());
        let verdict = verdict.as_deref().unwrap_or("unreadable");
        let expected = event["verdict"].as_str().unwrap();
        assert!(
            verdict.starts_with(expected),
            "{}: {verdict}",
            event["name"]
        );
        let is_finding = expected != "verified";
        assert_eq!(
            audit.finish().findings() > 0,
            is_finding,
            "{}",
            event["name"]
        );
    }
}

#[test]
fn every_journal_gets_its_judgement() {
    for journal in vectors()["journals"].as_array().unwrap() {
        let mut audit = audit();
        for (number, line) in journal["lines"].as_array().unwrap().iter().enumerate() {
            let bytes = line.as_str().unwrap().as_bytes();
            drop(audit.line("vectors", &Line::whole(number as u64 + 1, bytes)));
        }
        let report: Report = audit.finish();
        let name = &journal["name"];
        let text = |key: &str| journal[key].as_str().unwrap_or_default();
        let number = |key: &str| journal[key].as_u64().unwrap_or_default();
        let chain = &report.chains[0];
        assert_eq!(chain.holes.to_string(), text("holes"), "{name}");
        assert_eq!(chain.declared.to_string(), text("declared"), "{name}");
        assert_eq!(
            chain.undetermined.to_string(),
            text("undetermined"),
            "{name}"
        );
        assert_eq!(chain.duplicates.to_string(), text("duplicates"), "{name}");
        assert_eq!(chain.reordered, number("reordered"), "{name}");
        assert_eq!(report.resends, number("resends"), "{name}");
        assert_eq!(report.findings(), number("findings"), "{name}");
    }
}

/// Ed25519 signs the same bytes the same way, so what others signed we must sign alike.
#[test]
fn signing_again_gives_the_same_material() {
    let key = SigningKey::from_seed(&[1; 32]);
    let mut count = 0;
    for vector in vectors()["events"].as_array().unwrap() {
        let line = vector["line"].as_str().unwrap();
        let is_ours = line.contains(r#""exacttime""#) && vector["verdict"] == "verified";
        if is_ours {
            let limits = codec::Limits::UNLIMITED;
            let event: Event = codec::structured::decode(line.as_bytes(), limits).unwrap();
            let material = event.extension("dssematerial").unwrap().as_str().unwrap();
            let envelope = Envelope::from_attribute(material).unwrap();
            let payload = Material::of(&event).encode();
            assert_eq!(payload.as_bytes(), envelope.payload, "{}", vector["name"]);
            let signature = key.sign(&pae(PAYLOAD_TYPE, payload.as_bytes())).unwrap();
            assert_eq!(
                signature[..],
                envelope.signatures[0].bytes,
                "{}",
                vector["name"]
            );
            count += 1;
        }
    }
    assert!(count > 10);
}
