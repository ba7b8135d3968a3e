use chrono::{DateTime, Utc};
use events_core::WireEvent;
use events_core::subject::SubjectPattern;

use crate::Tenants;

/// Which events are asked for. All of them by default.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EventFilter {
    /// A pattern that the subject an event is stored under matches.
    pub subject: Option<SubjectPattern>,
    /// The event's `type`, exactly.
    pub event_type: Option<String>,
    /// The event's `source`, exactly.
    pub source: Option<String>,
    /// Whose events. Never nobody's.
    pub tenants: Tenants,
    /// The earliest time: that of storing where the store knows it, else the event's own.
    pub since: Option<DateTime<Utc>>,
    /// The latest time, told alike.
    pub until: Option<DateTime<Utc>>,
}

impl EventFilter {
    /// Whether it lets an event through that is stored under `subject`, whatever its time.
    #[must_use]
    pub fn matches(&self, subject: &str, event: &WireEvent) -> bool {
        let attributes = event.attributes();
        let is = |wanted: &Option<String>, value: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == value)
        };
        self.tenants.hold(event.tenant())
            && is(&self.event_type, attributes.kind().as_str())
            && is(&self.source, attributes.source().as_str())
            && self
                .subject
                .as_ref()
                .is_none_or(|pattern| pattern.matches(subject))
    }

    /// Whether it lets `time` through.
    #[must_use]
    pub fn spans(&self, time: DateTime<Utc>) -> bool {
        self.since.is_none_or(|since| since <= time) && self.until.is_none_or(|until| time <= until)
    }
}

impl Default for EventFilter {
    fn default() -> Self {
        Self {
            subject: None,
            event_type: None,
            source: None,
            tenants: Tenants::All,
            since: None,
            until: None,
        }
    }
}
