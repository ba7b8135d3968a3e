use chrono::{DateTime, Utc};

use crate::subject::SubjectPattern;
use crate::{EventType, Source, TenantId, WireEvent};

/// Which events of a history are wanted: those that meet every condition that is set.
///
/// What is stored and no event of ours has a subject and a time, but no type, source or tenant: a
/// filter that asks for one of those does not let it through.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Filter {
    /// A pattern of the subject the event was published to, or would be.
    pub subject: Option<SubjectPattern>,
    /// The event's type.
    pub kind: Option<EventType>,
    /// The event's source.
    pub source: Option<Source>,
    /// The event's tenant.
    pub tenant: Option<TenantId>,
    /// The time from which on, itself included.
    pub since: Option<DateTime<Utc>>,
    /// The time up to which, itself not included.
    pub until: Option<DateTime<Utc>>,
}

impl Filter {
    /// Whether it wants `event`, `None` for what is none of ours, with that subject and time.
    ///
    /// An event without a subject has none that a pattern could stand for.
    #[must_use]
    pub fn wants(
        &self,
        event: Option<&WireEvent>,
        subject: Option<&str>,
        time: DateTime<Utc>,
    ) -> bool {
        self.wants_time(time) && self.wants_subject(subject) && self.wants_event(event)
    }

    /// Whether the time is within its bounds.
    #[must_use]
    pub fn wants_time(&self, time: DateTime<Utc>) -> bool {
        self.since.is_none_or(|since| since <= time) && self.until.is_none_or(|until| time < until)
    }

    /// Whether the subject is one it wants.
    #[must_use]
    pub fn wants_subject(&self, subject: Option<&str>) -> bool {
        let Some(pattern) = &self.subject else {
            return true;
        };
        subject.is_some_and(|subject| pattern.matches(subject))
    }

    /// Whether type, source and tenant are those it wants.
    #[must_use]
    pub fn wants_event(&self, event: Option<&WireEvent>) -> bool {
        let Some(event) = event else {
            return self.kind.is_none() && self.source.is_none() && self.tenant.is_none();
        };
        let attributes = event.attributes();
        let is = |wanted: Option<bool>| wanted.unwrap_or(true);
        is(self.kind.as_ref().map(|kind| kind == attributes.kind()))
            && is(self.source.as_ref().map(|own| own == attributes.source()))
            && is(self.tenant.as_ref().map(|tenant| tenant == event.tenant()))
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::Filter;
    use crate::{Event, EventSinkExt as _, NoopSink, WireEvent};

    fn event() -> WireEvent {
        let event = Event::builder("1", "/here", "run.done").build().unwrap();
        NoopSink.seal(vec![event]).remove(0).unwrap()
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn every_condition_that_is_set_must_be_met() {
        let own = |filter: &Filter| filter.wants(Some(&event()), Some("a.b"), at(5));
        let all = Filter {
            subject: Some("a.*".parse().unwrap()),
            kind: Some("run.done".parse().unwrap()),
            source: Some("/here".parse().unwrap()),
            tenant: Some("single".parse().unwrap()),
            since: Some(at(5)),
            until: Some(at(6)),
        };
        assert!(own(&Filter::default()) && own(&all));
        let subject = Some("b.*".parse().unwrap());
        let kind = Some("run.begun".parse().unwrap());
        let source = Some("/there".parse().unwrap());
        let tenant = Some("acme".parse().unwrap());
        let (since, until) = (Some(at(6)), Some(at(5)));
        let failing = [
            Filter {
                subject,
                ..all.clone()
            },
            Filter {
                kind,
                ..all.clone()
            },
            Filter {
                source,
                ..all.clone()
            },
            Filter {
                tenant,
                ..all.clone()
            },
            Filter {
                since,
                ..all.clone()
            },
            Filter { until, ..all },
        ];
        for filter in failing {
            assert!(!own(&filter), "{filter:?}");
        }
    }

    #[test]
    fn what_is_no_event_has_no_type_and_what_has_no_subject_no_pattern() {
        let kind = Some("run.done".parse().unwrap());
        let kind = Filter {
            kind,
            ..Filter::default()
        };
        assert!(!kind.wants(None, Some("a"), at(1)));
        let subject = Some(">".parse().unwrap());
        let subject = Filter {
            subject,
            ..Filter::default()
        };
        assert!(subject.wants(None, Some("a"), at(1)));
        assert!(!subject.wants(Some(&event()), None, at(1)));
    }
}
