//! Signed events and journals to judge.

use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use events_core::{
    Draft, ErrorKind, Event, EventBuilder, EventSink, EventSinkExt as _, MemorySink, NoopSink,
    Outcome, Place, SinkError, WireEvent,
};
use sink_sign::Verifier;
use sink_sign::{Audit, Config, Mode, Order, PublicKeys, Report, SignSink, Signer, SigningKey};

/// A key that is the same in every run.
pub(crate) fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

pub(crate) fn keys() -> PublicKeys {
    PublicKeys::of(&key())
}

pub(crate) fn signer() -> Signer {
    Signer::new(Arc::new(key()), Config::default())
}

pub(crate) fn event(id: &str) -> EventBuilder {
    Event::builder(id, "/s", "demo.hello").json(r#"{"n": 1.10}"#)
}

/// An event for a tenant of its own chain.
pub(crate) fn of_tenant(id: &str, tenant: &str) -> Event {
    event(id).extension("tenantid", tenant).build().unwrap()
}

pub(crate) fn seal(signer: &Arc<Signer>, event: Event) -> Result<WireEvent, SinkError> {
    let sink = SignSink::new(NoopSink, Arc::clone(signer));
    sink.seal(vec![event]).pop().unwrap()
}

/// The event as it is once it is sealed.
pub(crate) fn sealed(event: EventBuilder) -> Event {
    let wire = seal(&Arc::new(signer()), event.build().unwrap()).unwrap();
    wire.to_event().unwrap()
}

/// Marks an event's number as kept.
pub(crate) fn keep(event: &WireEvent) {
    drop(Outcome::delivered(event, Place::Noop));
}

pub(crate) fn text(event: &WireEvent) -> String {
    String::from_utf8(event.bytes().to_vec()).unwrap()
}

/// The lines of a journal that one sender wrote, event after event.
pub(crate) async fn journal(events: impl IntoIterator<Item = Event>) -> Vec<String> {
    let memory = MemorySink::default();
    let sink = SignSink::new(memory.clone(), Arc::new(signer()));
    for event in events {
        drop(sink.send(event).await.unwrap());
    }
    memory.events().iter().map(text).collect()
}

pub(crate) fn audit(mode: Mode, order: Order, text: &str) -> Report {
    let mut audit = Audit::new(Verifier::new(keys(), mode), order);
    audit.file("journal", text.as_bytes()).unwrap();
    audit.finish()
}

/// A strict audit of lines, order aside.
pub(crate) fn audit_lines<T: AsRef<str>>(lines: &[T]) -> Report {
    let lines: Vec<&str> = lines.iter().map(AsRef::as_ref).collect();
    audit(Mode::Strict, Order::Any, &format!("{}\n", lines.join("\n")))
}

/// Stores what its script says, and refuses the rest for now. Stores when the script is over.
#[derive(Debug, Default)]
pub(crate) struct Scripted {
    pub(crate) memory: MemorySink,
    pub(crate) script: Mutex<Vec<bool>>,
}

#[async_trait]
impl EventSink for Scripted {
    fn prepare(&self, _drafts: &mut [Draft]) {}

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        let mut results = Vec::new();
        for event in events {
            let stores = self.script.lock().unwrap().pop().unwrap_or(true);
            results.push(if stores {
                self.memory
                    .deliver(std::slice::from_ref(event))
                    .await
                    .remove(0)
            } else {
                Err(SinkError::new(ErrorKind::Unavailable, "reach the script"))
            });
        }
        results
    }
}

impl fmt::Display for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("scripted")
    }
}
