use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use events_core::time::Timestamp;
use events_core::{Event, EventSubject, Extension, Severity, WireEvent};
use serde::Deserialize;
use serde_json::value::RawValue;

/// One event in columns. All of them are texts but the time.
pub(crate) struct Row<'a> {
    texts: [Option<Cow<'a, str>>; TEXTS.len()],
    pub(crate) time: Option<DateTime<Utc>>,
}

impl<'a> Row<'a> {
    pub(crate) fn of(event: &'a WireEvent) -> Self {
        let attributes = event.attributes();
        let wire = std::str::from_utf8(event.bytes()).unwrap_or_default();
        let plain = |text: &'a str| Some(Cow::Borrowed(text));
        let extension = |name| attributes.extension(name).map(Extension::to_canonical);
        let component = extension("component");
        let subject = attributes.subject().map(EventSubject::as_str);
        let action = component
            .as_deref()
            .and_then(|component| action(attributes.kind().as_str(), component));
        let Body { detail, attrs } = match action {
            Some(_) => body(wire),
            None => Body::default(),
        };
        Self {
            texts: [
                Some(event.message_id().to_string().into()),
                plain(event.tenant().as_str()),
                plain(attributes.source().as_str()),
                plain(attributes.id().as_str()),
                plain(attributes.kind().as_str()),
                subject.and_then(plain),
                component,
                extension("category"),
                subject.filter(|_| action.is_some()).and_then(plain),
                action.and_then(plain),
                extension("outcome"),
                severity(attributes),
                extension("taskid"),
                extension("missionid"),
                extension("objectiveid"),
                detail.map(without_nul),
                attrs.and_then(|attrs| plain(attrs.get())),
                plain(wire),
            ],
            time: attributes.time().map(Timestamp::instant),
        }
    }

    /// The columns of texts, in the order of [`TEXTS`].
    pub(crate) fn texts(&self) -> impl Iterator<Item = Option<&str>> {
        self.texts.iter().map(Option::as_deref)
    }

    /// The event's identity.
    pub(crate) fn message_id(&self) -> &str {
        self.texts
            .first()
            .and_then(Option::as_deref)
            .unwrap_or_default()
    }

    /// The sealed form.
    pub(crate) fn wire(&self) -> &str {
        self.texts
            .last()
            .and_then(Option::as_deref)
            .unwrap_or_default()
    }
}

/// What a record did: the rest of its type, `record.<component>.<action>`.
fn action<'a>(kind: &'a str, component: &str) -> Option<&'a str> {
    let rest = kind.strip_prefix("record.")?.strip_prefix(component)?;
    rest.strip_prefix('.')
}

/// Detail and attributes of a record's data. What has another form has neither.
fn body(wire: &str) -> Body<'_> {
    #[derive(Deserialize)]
    struct Whole<'a> {
        #[serde(borrow, default)]
        data: Option<&'a RawValue>,
    }
    let whole: Option<Whole<'_>> = serde_json::from_str(wire).ok();
    let data = whole.and_then(|whole| whole.data).map(RawValue::get);
    // A parser of structs would take an array for one.
    let data = data.filter(|data| data.starts_with('{'));
    let members: Option<BTreeMap<Cow<'_, str>, &RawValue>> =
        data.and_then(|data| serde_json::from_str(data).ok());
    let member = |name| {
        members
            .as_ref()
            .and_then(|members| members.get(name).copied())
    };
    Body {
        detail: member("detail").and_then(|text| serde_json::from_str(text.get()).ok()),
        attrs: member("attrs").filter(|attrs| attrs.get().starts_with('{')),
    }
}

#[derive(Default)]
struct Body<'a> {
    detail: Option<String>,
    attrs: Option<&'a RawValue>,
}

/// A text that PostgreSQL can hold: all but U+0000, which the sealed form keeps.
fn without_nul(text: String) -> Cow<'static, str> {
    Cow::Owned(match text.contains('\0') {
        true => text.replace('\0', "\u{fffd}"),
        false => text,
    })
}

/// One of `trace`, `debug`, `info`, `warn`, `error` by OpenTelemetry's number, else the name that
/// the event gives, in lower case.
fn severity(event: &Event) -> Option<Cow<'static, str>> {
    if let Some(step) = Severity::numbered_by(event) {
        return Some(step.as_str().into());
    }
    let text = event.extension(Severity::TEXT)?.to_canonical();
    Some(text.to_lowercase().into())
}

/// The columns of texts. The first is the identity, the last the sealed form.
pub(crate) const TEXTS: [&str; 18] = [
    "message_id",
    "tenant",
    "source",
    "id",
    "type",
    "subject",
    "component",
    "category",
    "resource",
    "action",
    "outcome",
    "severity",
    "task",
    "mission",
    "objective",
    "detail",
    "attrs",
    "wire",
];

/// The names of all columns that are written: the texts and then the time, quoted and parted by
/// commas.
pub(crate) fn columns() -> String {
    let names = TEXTS.iter().chain(&["time"]);
    let names: Vec<String> = names.map(|name| format!("\"{name}\"")).collect();
    names.join(", ")
}
