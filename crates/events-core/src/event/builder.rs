use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use bytes::Bytes;

use super::data::misdeclared;
use super::{
    Data, Event, EventId, EventSubject, EventType, Extension, ExtensionName, MediaType, SchemaUri,
    Source,
};
use crate::json::JsonText;
use crate::time::Timestamp;
use crate::{Problem, Violation, Violations};

/// Collects the parts of an event and everything that is wrong with them.
#[must_use = "an event comes into being with build()"]
pub struct EventBuilder {
    id: Option<EventId>,
    source: Option<Source>,
    kind: Option<EventType>,
    data_content_type: Option<MediaType>,
    data_schema: Option<SchemaUri>,
    subject: Option<EventSubject>,
    time: Option<Timestamp>,
    extensions: BTreeMap<ExtensionName, Extension>,
    data: Option<Data>,
    violations: Vec<Violation>,
}

impl EventBuilder {
    pub(super) fn new(id: &str, source: &str, kind: &str) -> Self {
        Self::empty().id(id).source(source).kind(kind)
    }

    /// A builder without any attribute yet, for decoders.
    pub(crate) fn empty() -> Self {
        Self {
            id: None,
            source: None,
            kind: None,
            data_content_type: None,
            data_schema: None,
            subject: None,
            time: None,
            extensions: BTreeMap::new(),
            data: None,
            violations: Vec::new(),
        }
    }

    /// Sets `id`.
    pub fn id(mut self, id: &str) -> Self {
        self.id = self.parse(id);
        self
    }

    /// Sets `source`.
    pub fn source(mut self, source: &str) -> Self {
        self.source = self.parse(source);
        self
    }

    /// Sets `type`.
    pub fn kind(mut self, kind: &str) -> Self {
        self.kind = self.parse(kind);
        self
    }

    /// Sets `datacontenttype`.
    pub fn data_content_type(mut self, media_type: &str) -> Self {
        self.data_content_type = self.parse(media_type);
        self
    }

    /// Sets `dataschema`.
    pub fn data_schema(mut self, schema: &str) -> Self {
        self.data_schema = self.parse(schema);
        self
    }

    /// Sets `subject`.
    pub fn subject(mut self, subject: &str) -> Self {
        self.subject = self.parse(subject);
        self
    }

    /// Sets `time` from RFC 3339 text, which is kept as it is.
    pub fn time(mut self, time: &str) -> Self {
        self.time = self.parse(time);
        self
    }

    /// Sets an extension attribute to a text.
    pub fn extension(self, name: &str, value: &str) -> Self {
        self.typed_extension(name, Extension::text(value))
    }

    /// Sets an extension attribute to an Integer.
    pub fn integer_extension(self, name: &str, value: i32) -> Self {
        self.typed_extension(name, Ok(Extension::Integer(value)))
    }

    /// Sets an extension attribute to a Boolean.
    pub fn boolean_extension(self, name: &str, value: bool) -> Self {
        self.typed_extension(name, Ok(Extension::Boolean(value)))
    }

    /// Sets JSON data from its text. Without a media type, `application/json` is declared.
    pub fn json(mut self, text: &str) -> Self {
        match JsonText::parse(text) {
            Ok(text) => self.data = Some(Data::Json(text)),
            Err(error) => self.violate("data", Problem::Json(error)),
        }
        self.data_content_type.get_or_insert_with(MediaType::json);
        self
    }

    /// Sets text data. Declare its media type too.
    pub fn text(self, text: &str) -> Self {
        self.data(Data::Text(text.into()))
    }

    /// Sets binary data. Declare its media type too.
    pub fn binary(self, bytes: impl Into<Bytes>) -> Self {
        self.data(Data::Binary(bytes.into()))
    }

    /// The event.
    ///
    /// # Errors
    /// Every rule that was broken on the way, missing attributes included.
    pub fn build(mut self) -> Result<Event, Violations> {
        for (name, missing) in [
            ("id", self.id.is_none()),
            ("source", self.source.is_none()),
            ("type", self.kind.is_none()),
        ] {
            if missing && !self.violations.iter().any(|found| found.attribute == name) {
                self.violate(name, Problem::Missing);
            }
        }
        let typed = !self
            .violations
            .iter()
            .any(|found| found.attribute == "datacontenttype");
        let misdeclared = misdeclared(self.data_content_type.as_ref(), self.data.as_ref());
        if let Some(problem) = misdeclared.filter(|_| typed) {
            self.violate("data", problem);
        }
        Violations::none_in(self.violations)?;
        match (self.id, self.source, self.kind) {
            (Some(id), Some(source), Some(kind)) => Ok(Event {
                id,
                source,
                kind,
                data_content_type: self.data_content_type,
                data_schema: self.data_schema,
                subject: self.subject,
                time: self.time,
                extensions: self.extensions,
                data: self.data,
                claim: None,
                hop: None,
            }),
            _ => Err(Violations::one("event", Problem::Missing)),
        }
    }

    pub(crate) fn data(mut self, data: Data) -> Self {
        self.data = Some(data);
        self
    }

    pub(crate) fn declared_media_type(&self) -> Option<&MediaType> {
        self.data_content_type.as_ref()
    }

    pub(crate) fn typed_extension(mut self, name: &str, value: Result<Extension, Problem>) -> Self {
        let parsed: Option<ExtensionName> = self.parse(name);
        match (parsed, value) {
            (Some(name), Ok(value)) => {
                self.extensions.insert(name, value);
            }
            (Some(name), Err(problem)) => self.violate(name.as_str(), problem),
            (None, _) => {}
        }
        self
    }

    /// Notes a violation; past a bound, only that there are more.
    pub(crate) fn violate(&mut self, attribute: &str, problem: Problem) {
        match self.violations.len() {
            0..MOST_VIOLATIONS => self.violations.push(Violation::new(attribute, problem)),
            MOST_VIOLATIONS => {
                let more = Problem::MustNot("break more rules than are listed here");
                self.violations.push(Violation::new("event", more));
            }
            _ => {}
        }
    }

    fn parse<T: FromStr<Err = Violations>>(&mut self, value: &str) -> Option<T> {
        match value.parse() {
            Ok(parsed) => Some(parsed),
            Err(violations) => {
                for Violation { attribute, problem } in violations {
                    self.violate(&attribute, problem);
                }
                None
            }
        }
    }
}

impl fmt::Debug for EventBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventBuilder({} violations)", self.violations.len())
    }
}

const MOST_VIOLATIONS: usize = 64;

#[cfg(test)]
mod tests {
    use crate::Event;

    #[test]
    fn every_violation_is_reported() {
        let built = Event::builder("", "not a uri", "")
            .time("yesterday")
            .extension("Bad_Name", "x")
            .extension("good", "")
            .json("{")
            .build();
        let text = built.unwrap_err().to_string();
        for part in [
            "id must",
            "source must",
            "type must",
            "time must",
            "named with",
            "good must",
            "data is not",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn names_that_may_be_secrets_are_not_repeated() {
        let built = Event::builder("1", "/s", "t")
            .extension("ghp_CANARY", "x")
            .build();
        assert!(!built.unwrap_err().to_string().contains("CANARY"));
    }

    #[test]
    fn debug_shows_no_value() {
        let event = Event::builder("CANARY", "/CANARY", "CANARY")
            .extension("canary", "CANARY")
            .json("\"CANARY\"")
            .build()
            .unwrap();
        assert!(!format!("{event:?}").contains("CANARY"));
    }
}
