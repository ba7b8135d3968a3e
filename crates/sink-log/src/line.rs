use std::borrow::Cow;

use events_core::time::Timestamp;
use events_core::{Event, EventSubject, Extension, Severity, WireEvent};

/// The fields of an event's line, by [`NAMES`]. What the event has not is `None`.
pub(crate) struct Line<'a> {
    /// The number of its severity, the field after the words.
    pub(crate) severity: Option<i64>,
    texts: [Option<Cow<'a, str>>; TEXTS],
}

impl<'a> Line<'a> {
    pub(crate) fn of(event: &'a WireEvent) -> Self {
        let attributes = event.attributes();
        let plain = |text: &'a str| Some(Cow::Borrowed(text));
        let extension = |name| attributes.extension(name).map(Extension::to_canonical);
        Self {
            severity: severity(attributes),
            texts: [
                plain(attributes.id().as_str()),
                plain(attributes.source().as_str()),
                plain(attributes.kind().as_str()),
                attributes
                    .subject()
                    .map(EventSubject::as_str)
                    .and_then(plain),
                attributes.time().map(Timestamp::as_str).and_then(plain),
                plain(event.tenant().as_str()),
                extension("component"),
                extension("category"),
                extension("outcome"),
                extension(Severity::TEXT),
                extension("taskid"),
                extension("missionid"),
                extension("objectiveid"),
                extension("restartcount"),
                extension("producerid"),
                extension("sequence"),
                extension("traceparent"),
            ],
        }
    }

    /// The values of the fields after the first two.
    pub(crate) fn texts(&self) -> [Option<&str>; TEXTS] {
        self.texts.each_ref().map(Option::as_deref)
    }
}

fn severity(event: &Event) -> Option<i64> {
    match event.extension(Severity::NUMBER)? {
        Extension::Integer(number) => Some((*number).into()),
        text => text.to_canonical().parse().ok(),
    }
}

/// What the fields are called: as in the event.
pub(crate) static NAMES: [&str; TEXTS + 2] = [
    "message",
    Severity::NUMBER,
    "id",
    "source",
    "type",
    "subject",
    "time",
    "tenantid",
    "component",
    "category",
    "outcome",
    Severity::TEXT,
    "taskid",
    "missionid",
    "objectiveid",
    "restartcount",
    "producerid",
    "sequence",
    "traceparent",
];

const TEXTS: usize = 17;
