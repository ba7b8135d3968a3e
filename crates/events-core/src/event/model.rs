use std::collections::BTreeMap;
use std::fmt;

use super::data::misdeclared;
use super::names::NOT_EXTENSIONS;
use super::text::check_text;
use super::{
    Data, EventBuilder, EventId, EventSubject, EventType, Extension, ExtensionName, MediaType,
    SchemaUri, Source,
};
use crate::time::Timestamp;
use crate::{Claim, Problem, TraceParent, Violation, Violations};

/// A CloudEvent (CloudEvents 1.0), lossless.
///
/// What a builder or a decoder makes is valid. Setters leave two things to their callers, which are
/// checked when the event is sealed: that an extension's text is allowed, and that the form of the
/// data fits its media type.
///
/// Debug shows no value and there is no Display: an event may hold secrets until it is prepared.
#[derive(Clone)]
pub struct Event {
    pub(super) id: EventId,
    pub(super) source: Source,
    pub(super) kind: EventType,
    pub(super) data_content_type: Option<MediaType>,
    pub(super) data_schema: Option<SchemaUri>,
    pub(super) subject: Option<EventSubject>,
    pub(super) time: Option<Timestamp>,
    pub(super) extensions: BTreeMap<ExtensionName, Extension>,
    pub(super) data: Option<Data>,
    pub(super) claim: Option<Claim>,
    pub(super) hop: Option<TraceParent>,
}

impl Event {
    /// Starts an event with the attributes that every event needs.
    pub fn builder(id: &str, source: &str, kind: &str) -> EventBuilder {
        EventBuilder::new(id, source, kind)
    }

    /// `id`
    #[must_use]
    pub fn id(&self) -> &EventId {
        &self.id
    }

    /// `source`
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// `type`
    #[must_use]
    pub fn kind(&self) -> &EventType {
        &self.kind
    }

    /// `datacontenttype`
    #[must_use]
    pub fn data_content_type(&self) -> Option<&MediaType> {
        self.data_content_type.as_ref()
    }

    /// `dataschema`
    #[must_use]
    pub fn data_schema(&self) -> Option<&SchemaUri> {
        self.data_schema.as_ref()
    }

    /// `subject`
    #[must_use]
    pub fn subject(&self) -> Option<&EventSubject> {
        self.subject.as_ref()
    }

    /// `time`
    #[must_use]
    pub fn time(&self) -> Option<&Timestamp> {
        self.time.as_ref()
    }

    /// The payload. A JSON `null` is data; `None` is none at all.
    #[must_use]
    pub fn data(&self) -> Option<&Data> {
        self.data.as_ref()
    }

    /// The extension attribute `name`.
    #[must_use]
    pub fn extension(&self, name: &str) -> Option<&Extension> {
        self.extensions.get(name)
    }

    /// The extension attributes in the order of their names.
    #[must_use]
    pub fn extensions(&self) -> &BTreeMap<ExtensionName, Extension> {
        &self.extensions
    }

    /// Where the trace stands that brought the event here, if that is known. It goes along with
    /// the sealed form, and ends with the process.
    #[must_use]
    pub fn hop(&self) -> Option<TraceParent> {
        self.hop
    }

    /// Says where the trace stands that brings the event on.
    pub fn set_hop(&mut self, hop: TraceParent) {
        self.hop = Some(hop);
    }

    /// Replaces `id`.
    pub fn set_id(&mut self, id: EventId) {
        self.id = id;
    }

    /// Replaces `source`.
    pub fn set_source(&mut self, source: Source) {
        self.source = source;
    }

    /// Replaces `datacontenttype`.
    pub fn set_data_content_type(&mut self, media_type: Option<MediaType>) {
        self.data_content_type = media_type;
    }

    /// Replaces `dataschema`.
    pub fn set_data_schema(&mut self, schema: Option<SchemaUri>) {
        self.data_schema = schema;
    }

    /// Replaces `subject`.
    pub fn set_subject(&mut self, subject: Option<EventSubject>) {
        self.subject = subject;
    }

    /// Replaces `time`.
    pub fn set_time(&mut self, time: Option<Timestamp>) {
        self.time = time;
    }

    /// Replaces the payload.
    pub fn set_data(&mut self, data: Option<Data>) {
        self.data = data;
    }

    /// Sets an extension attribute and returns what it was.
    pub fn set_extension(&mut self, name: ExtensionName, value: Extension) -> Option<Extension> {
        self.extensions.insert(name, value)
    }

    /// Removes an extension attribute and returns what it was.
    pub fn remove_extension(&mut self, name: &str) -> Option<Extension> {
        self.extensions.remove(name)
    }

    /// Ties the event to the number a signer gave it. See [`Claim`].
    pub fn set_claim(&mut self, claim: Claim) {
        self.claim = Some(claim);
    }

    /// The optional attributes that every mode writes alike, in the order they are written.
    pub(crate) fn optional_texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let schema = self.data_schema().map(SchemaUri::as_str);
        let subject = self.subject().map(EventSubject::as_str);
        let time = self.time().map(Timestamp::as_str);
        [("dataschema", schema), ("subject", subject), ("time", time)]
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| (name, value)))
    }

    /// Parts the attributes from the claim, and leaves out the payload, which the encoded form
    /// holds already. A copy of the attributes must not keep a number open.
    pub(crate) fn into_attributes(mut self) -> (Self, Option<Claim>) {
        let claim = self.claim.take();
        (Self { data: None, ..self }, claim)
    }

    /// Checks what setters leave to their callers, so that what is sealed can be read back.
    pub(crate) fn check(&self) -> Result<(), Violations> {
        let mut found = Vec::new();
        for (name, value) in &self.extensions {
            if NOT_EXTENSIONS.contains(&name.as_str()) {
                let problem = Problem::MustNot("be set as an extension");
                found.push(Violation::new(name.as_str(), problem));
            }
            if let Some(Err(problem)) = value.as_str().map(check_text) {
                found.push(Violation::new(name.as_str(), problem));
            }
        }
        if let Some(problem) = misdeclared(self.data_content_type(), self.data()) {
            found.push(Violation::new("data", problem));
        }
        Violations::none_in(found)
    }
}

/// Attributes and data are compared; a claim and a hop are no part of an event's value.
impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
            && self.source == other.source
            && self.kind == other.kind
            && self.data_content_type == other.data_content_type
            && self.data_schema == other.data_schema
            && self.subject == other.subject
            && self.time == other.time
            && self.extensions == other.extensions
            && self.data == other.data
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let extensions = self.extensions.len();
        write!(f, "Event({extensions} extensions, data: {:?})", self.data)
    }
}
