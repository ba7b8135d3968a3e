//! Signed events that a stream holds.

use std::ops::Range;
use std::sync::Arc;

use events_core::{Event, EventSinkExt as _, NoopSink, WireEvent};
use sink_sign::{Config, PublicKeys, SignSink, Signer, SigningKey};

use crate::rig::Rig;

/// Puts `count` signed events into a stream, through a client that is not ours, and writes the
/// public key beside. Returns the stored lines.
pub(crate) fn seed(rig: &Rig, count: usize) -> Vec<String> {
    let key = shared_key(rig);
    produce(rig, key, 0..count)
}

/// A key to sign with, whose public half is where the rig has it.
pub(crate) fn shared_key(rig: &Rig) -> Arc<SigningKey> {
    let key = SigningKey::generate().unwrap();
    std::fs::write(rig.keys(), PublicKeys::of(&key).to_jwks()).unwrap();
    Arc::new(key)
}

/// The part of one producer, which numbers its events by itself.
pub(crate) fn produce(rig: &Rig, key: Arc<SigningKey>, numbers: Range<usize>) -> Vec<String> {
    let signer = Arc::new(Signer::new(key, Config::default()));
    let signer = SignSink::new(NoopSink, signer);
    let js = rig.jetstream();
    let mut lines = Vec::with_capacity(numbers.len());
    for first in numbers.clone().step_by(500) {
        let drafts = (first..numbers.end.min(first + 500)).map(|number| {
            let draft = Event::builder(&number.to_string(), "/seed", "audit.made");
            draft
                .extension("tenantid", "acme")
                .json("{\"n\":1}")
                .build()
                .unwrap()
        });
        let sealed: Vec<_> = signer.seal(drafts.collect());
        rig.runtime.block_on(async {
            let mut acks = Vec::with_capacity(sealed.len());
            for event in &sealed {
                let bytes = event.as_ref().unwrap().bytes().clone();
                acks.push(js.publish("consign.audit.acme.made", bytes).await.unwrap());
            }
            for ack in acks {
                ack.await.unwrap();
            }
        });
        let text = |event: &WireEvent| String::from_utf8(event.bytes().to_vec()).unwrap();
        lines.extend(sealed.iter().map(|event| text(event.as_ref().unwrap())));
    }
    lines
}
