//! What the tests of this crate share.

use events_core::{Event, EventBuilder};
use sink_redact::{Config, Fields, Redactor, TokenKey};

/// A generated token, never live.
pub(crate) const SECRET: &str = "ghp_kpcoumvq604tsx2k17nn30rkvogvgw85mi1u";

pub(crate) fn key() -> TokenKey {
    TokenKey::new([7; 32])
}

pub(crate) fn redactor() -> Redactor {
    Redactor::new(Config::builtin(key())).unwrap()
}

pub(crate) fn with_fields(fields: &str) -> Redactor {
    let fields = Fields::parse(fields).unwrap();
    let config = Config {
        fields,
        ..Config::builtin(key())
    };
    Redactor::new(config).unwrap()
}

pub(crate) fn event() -> EventBuilder {
    Event::builder("1", "/demo", "demo.hello")
}

/// The data of an event with JSON data `text`, redacted.
pub(crate) fn json(redactor: &Redactor, text: &str) -> String {
    let mut event = event().json(text).build().unwrap();
    redactor.redact(&mut event).unwrap();
    String::from_utf8(event.data().unwrap().as_bytes().to_vec()).unwrap()
}
