use chrono::{DateTime, Utc};
use events_core::subject::SubjectPattern;
use events_core::{EventType, Source, WireEvent};

use crate::Tenants;

/// Which events are asked for. All of them by default.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EventFilter {
    /// A pattern that the subject an event is stored under matches.
    pub subject: Option<SubjectPattern>,
    /// The event's `type`.
    pub kind: Option<EventType>,
    /// The event's `source`.
    pub source: Option<Source>,
    /// Whose events. Never nobody's.
    pub tenants: Tenants,
    /// The time from which on: that of storing where the store knows it, else the event's own.
    pub since: Option<DateTime<Utc>>,
    /// The time up to which, itself not included, told alike.
    pub until: Option<DateTime<Utc>>,
}

impl EventFilter {
    /// Whether it wants an event that is stored under `subject`, whatever its time.
    #[must_use]
    pub fn wants(&self, subject: &str, event: &WireEvent) -> bool {
        let attributes = event.attributes();
        let kind = self.kind.as_ref();
        let source = self.source.as_ref();
        let pattern = self.subject.as_ref();
        self.tenants.hold(event.tenant())
            && kind.is_none_or(|kind| kind == attributes.kind())
            && source.is_none_or(|source| source == attributes.source())
            && pattern.is_none_or(|pattern| pattern.matches(subject))
    }

    /// Whether it wants an event of that time.
    #[must_use]
    pub fn wants_time(&self, time: DateTime<Utc>) -> bool {
        self.since.is_none_or(|since| since <= time) && self.until.is_none_or(|until| time < until)
    }
}

impl Default for EventFilter {
    fn default() -> Self {
        Self {
            subject: None,
            kind: None,
            source: None,
            tenants: Tenants::All,
            since: None,
            until: None,
        }
    }
}
