use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use events_core::time::Timestamp;
use events_core::{Filter, Problem, Violation, Violations};
use http::HeaderMap;
use http::header::HeaderName;

use super::Wanted;
use crate::{Tenants, problem};

/// What a URL asks of history or of the live tail.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct EventQuery {
    filter: Filter,
    /// The most events, where a number is given.
    pub(crate) limit: Option<usize>,
    /// The event to go on after.
    pub(crate) after: Option<String>,
}

impl EventQuery {
    /// Reads the query of a URL that asks for history. Ages count back from `now`.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub(crate) fn of_history(text: &str, now: DateTime<Utc>) -> Result<Self, Violations> {
        Parts::read(text, Knows::Filters, now).finish()
    }

    /// Reads the query of a URL that asks for the live tail. What the header `Last-Event-ID` says
    /// goes before `after`: a client that comes back asks the same URL again.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub(crate) fn of_tail(
        text: &str,
        headers: &HeaderMap,
        now: DateTime<Utc>,
    ) -> Result<Self, Violations> {
        let mut parts = Parts::read(text, Knows::FiltersAndAfter, now);
        let mut values = headers.get_all(LAST_EVENT_ID).iter();
        // An empty one means that there is none.
        if let Some(value) = values.next().filter(|value| !value.is_empty()) {
            let id = value.to_str().ok().filter(|id| is_id(id));
            match id.filter(|_| values.next().is_none()) {
                Some(id) => parts.query.after = Some(id.to_owned()),
                None => parts.refuse("Last-Event-ID", Problem::MustBe(ID)),
            }
        }
        parts.finish()
    }

    /// What is asked for, narrowed to what may be seen.
    ///
    /// # Errors
    /// 403 where the query asks for a tenant whose events may not.
    pub(crate) fn wanted(&self, seen: &Tenants) -> Result<Wanted, problem::Problem> {
        let tenants = seen.narrowed(self.filter.tenant)?;
        Ok(Wanted::new(self.filter.clone(), tenants))
    }

    /// The most events one request may ask for.
    pub(crate) const MOST: usize = 10_000;
}

/// Whether `text` can be an id to go on after.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=512).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The parameters that a request knows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Knows {
    Filters,
    FiltersAndAfter,
}

/// A query in the making, and everything found wrong with it so far.
struct Parts {
    query: EventQuery,
    knows: Knows,
    now: DateTime<Utc>,
    seen: BTreeSet<String>,
    found: Vec<Violation>,
}

impl Parts {
    fn read(text: &str, knows: Knows, now: DateTime<Utc>) -> Self {
        let mut parts = Self {
            query: EventQuery::default(),
            knows,
            now,
            seen: BTreeSet::new(),
            found: Vec::new(),
        };
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            parts.take(&name, &value);
        }
        parts
    }

    fn take(&mut self, name: &str, value: &str) {
        let EventQuery { filter, .. } = &mut self.query;
        let rule = match name {
            SUBJECT => set(&mut filter.subject, value.parse().ok(), PATTERN),
            TYPE => set(&mut filter.kind, value.parse().ok(), "an event type"),
            SOURCE => set(&mut filter.source, value.parse().ok(), "an event source"),
            TENANT => set(&mut filter.tenant, value.parse().ok(), "a tenant's name"),
            SINCE => set(&mut filter.since, instant(value, self.now), TIME),
            UNTIL => set(&mut filter.until, instant(value, self.now), TIME),
            LIMIT => set(&mut self.query.limit, number(value), FEW),
            AFTER if self.knows == Knows::FiltersAndAfter => {
                let id = is_id(value).then(|| value.to_owned());
                set(&mut self.query.after, id, ID)
            }
            _ => return self.refuse("a parameter", Problem::MustBe(self.names())),
        };
        if let Err(rule) = rule {
            self.refuse(name, Problem::MustBe(rule));
        }
        if !self.seen.insert(name.to_owned()) {
            self.refuse(name, Problem::MustNot("be there twice"));
        }
    }

    fn finish(mut self) -> Result<EventQuery, Violations> {
        let Filter { since, until, .. } = self.query.filter;
        if since.zip(until).is_some_and(|(since, until)| since > until) {
            self.refuse(SINCE, Problem::MustNot("be later than until"));
        }
        Violations::none_in(self.found)?;
        Ok(self.query)
    }

    fn refuse(&mut self, name: &str, problem: Problem) {
        self.found.push(Violation {
            attribute: name.to_owned(),
            problem,
        });
    }

    const fn names(&self) -> &'static str {
        match self.knows {
            Knows::Filters => "subject, type, source, tenant, since, until or limit",
            Knows::FiltersAndAfter => "subject, type, source, tenant, since, until, limit or after",
        }
    }
}

fn set<T>(place: &mut Option<T>, value: Option<T>, rule: &'static str) -> Result<(), &'static str> {
    *place = Some(value.ok_or(rule)?);
    Ok(())
}

/// A point in time: as RFC 3339 says, or so long before `now`.
fn instant(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.instant());
    }
    let age = humantime::parse_duration(text).ok()?;
    now.checked_sub_signed(TimeDelta::from_std(age).ok()?)
}

fn number(text: &str) -> Option<usize> {
    let digits = (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| text.parse().ok()).flatten()?;
    (1..=EventQuery::MOST).contains(&number).then_some(number)
}

const SUBJECT: &str = "subject";
const TYPE: &str = "type";
const SOURCE: &str = "source";
const TENANT: &str = "tenant";
const SINCE: &str = "since";
const UNTIL: &str = "until";
const LIMIT: &str = "limit";
const AFTER: &str = "after";
const PATTERN: &str = "a subject pattern such as consign.audit.*.>";
const TIME: &str = "an age such as 30m or a time such as 2026-02-03T04:05:06Z, with + as %2B";
const FEW: &str = "a number from 1 to 10000";
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const ID: &str = "an id that this stream gave";

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use http::HeaderMap;

    use super::{EventQuery, LAST_EVENT_ID, Wanted};
    use crate::Tenants;

    fn now() -> DateTime<Utc> {
        "2026-02-03T04:05:06Z".parse().unwrap()
    }

    fn parse(text: &str) -> Result<EventQuery, String> {
        EventQuery::of_history(text, now()).map_err(|violations| violations.to_string())
    }

    #[test]
    fn every_filter_is_read() {
        let text = "subject=consign.*.%3E&type=a+b&source=%2Fhost&tenant=acme&limit=10000\
                    &since=1h+30m&until=2026-02-03T05:05:06.5%2B01:00";
        let query = parse(text).unwrap();
        let Wanted { filter, tenants } = query.wanted(&Tenants::All).unwrap();
        assert_eq!(filter.subject.unwrap().as_str(), "consign.*.>");
        assert_eq!(filter.kind.unwrap().as_str(), "a b");
        assert_eq!(filter.source.unwrap().as_str(), "/host");
        assert_eq!(
            tenants,
            Tenants::from("acme".parse::<events_core::TenantId>().unwrap())
        );
        assert_eq!(
            filter.since.unwrap().to_rfc3339(),
            "2026-02-03T02:35:06+00:00"
        );
        assert_eq!(
            filter.until.unwrap().to_rfc3339(),
            "2026-02-03T04:05:06.500+00:00"
        );
        assert_eq!(query.limit, Some(10_000));
        assert_eq!(parse("").unwrap(), EventQuery::default());
    }

    #[test]
    fn everything_wrong_is_said_at_once_and_no_value_repeated() {
        let text = "subject=a..b&type=&source=&tenant=a.b&since=hell&until=2026-02-03&limit=0\
                    &after=x&sec%72et=hell&type=x&limit=10001&limit=%2B5&limit=1e3&limit=";
        let said = parse(text).unwrap_err();
        for name in [
            "subject", "type", "source", "tenant", "since", "until", "limit",
        ] {
            assert!(said.contains(&format!("{name} must be ")), "{name}: {said}");
        }
        assert_eq!(said.matches("limit must be a number").count(), 5, "{said}");
        assert_eq!(said.matches("a parameter must be").count(), 2, "{said}");
        assert!(said.contains("type must not be there twice"), "{said}");
        assert!(!said.contains("hell") && !said.contains("secret"), "{said}");
    }

    #[test]
    fn times_beyond_all_measure_are_refused() {
        for text in [
            "since=300000years",
            "since=99999999999999999999s",
            "since=-1h",
            "since=0000-01-01T00:00:00%2B01:00",
            "since=2026-02-03T04:05:06+01:00",
            "since=1m&until=2m",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("since=2m&until=1m").is_ok() && parse("since=1m&until=1m").is_ok());
    }

    #[test]
    fn only_a_stream_goes_on_after_an_id() {
        let read = |text: &str| EventQuery::of_tail(text, &HeaderMap::new(), now());
        assert_eq!(read("after=S:7").unwrap().after.unwrap(), "S:7");
        for text in ["after=", "after=a%0Ab", "after=a+b", "after=%C3%A9"] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read(&format!("after={}", "x".repeat(513))).is_err());
    }

    #[test]
    fn what_a_client_saw_last_goes_before_the_url() {
        let read = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(LAST_EVENT_ID, value.parse().unwrap());
            }
            EventQuery::of_tail("after=S:7", &headers, now()).map(|query| query.after.unwrap())
        };
        assert_eq!(read(&["S:9"]).unwrap(), "S:9");
        assert_eq!(read(&[]).unwrap(), "S:7");
        assert_eq!(read(&[""]).unwrap(), "S:7");
        for values in [["S:8", "S:9"].as_slice(), &["a b"], &["\u{e9}"]] {
            let said = read(values).unwrap_err().to_string();
            assert!(said.contains("Last-Event-ID must be an id"), "{said}");
        }
    }

    #[test]
    fn a_token_narrows_what_is_asked_for() {
        let acme: Tenants = "acme".parse::<events_core::TenantId>().unwrap().into();
        let wanted = |text| parse(text).unwrap().wanted(&acme);
        assert_eq!(wanted("").unwrap().tenants, acme);
        assert_eq!(wanted("tenant=acme").unwrap().tenants, acme);
        assert!(wanted("tenant=initech").is_err());
    }
}
