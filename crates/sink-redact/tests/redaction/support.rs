//! What the tests of this crate share.

use std::sync::Arc;

use events_core::{Event, EventBuilder, EventSinkExt, MemorySink, SinkError};
use sink_redact::{Config, Fields, RedactSink, Redactor, TokenKey};

pub(crate) fn key() -> TokenKey {
    TokenKey::new([7; 32])
}

pub(crate) fn redactor() -> Redactor {
    Redactor::new(Config::builtin(key())).unwrap()
}

pub(crate) fn with_fields(fields: &str) -> Redactor {
    let fields = Fields::parse(fields).unwrap();
    Redactor::new(Config {
        fields,
        ..Config::builtin(key())
    })
    .unwrap()
}

pub(crate) fn with_file(text: &str) -> Redactor {
    Redactor::new(Config {
        rules_file: Some(text.to_owned()),
        ..Config::builtin(key())
    })
    .unwrap()
}

pub(crate) fn event() -> EventBuilder {
    Event::builder("1", "/demo", "demo.hello")
}

/// What leaves the process of an event.
pub(crate) fn sealed(redactor: Redactor, event: Event) -> Result<String, SinkError> {
    let sink = RedactSink::new(MemorySink::default(), Arc::new(redactor));
    let sealed = sink.seal(vec![event]).remove(0)?;
    Ok(String::from_utf8(sealed.bytes().to_vec()).unwrap())
}

/// The data of an event with JSON data `text`, redacted.
pub(crate) fn json(redactor: &Redactor, text: &str) -> String {
    let mut event = event().json(text).build().unwrap();
    redactor.redact(&mut event).unwrap();
    String::from_utf8(event.data().unwrap().as_bytes().to_vec()).unwrap()
}
