use std::collections::BTreeSet;

use events_core::subject::SubjectPattern;
use events_core::{ErrorKind, Problem, TenantId, Violation, Violations};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::{DlqArea, words};

/// Which records are asked for. By default all of them, 100 at a time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DlqQuery {
    /// The areas to look in; never empty.
    pub areas: BTreeSet<DlqArea>,
    /// A pattern that the record's subject matches.
    pub subject: Option<SubjectPattern>,
    /// The event's `type`, exactly.
    pub event_type: Option<String>,
    /// The event's tenant.
    pub tenant: Option<TenantId>,
    /// The kind of error it failed with last.
    pub reason_kind: Option<ErrorKind>,
    /// The record after which to begin.
    pub after: Option<u64>,
    /// How many records a list has at most: 1 to 1,000. A redrive takes all there are.
    pub limit: usize,
}

impl DlqQuery {
    /// Reads the query of a URL.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub(super) fn parse(text: &str) -> Result<Self, Violations> {
        let mut parts = Parts::new(Self::default());
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            parts.take(&name, &value);
        }
        parts.finish()
    }

    /// As the query of a URL, without the question mark.
    #[must_use]
    pub fn to_url_query(&self) -> String {
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(self.pairs());
        text.finish()
    }

    /// The parameters that differ from asking for everything.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        if self.areas.len() < DlqArea::ALL.len() {
            let areas: Vec<&str> = self.areas.iter().map(|area| area.as_str()).collect();
            pairs.push((AREA, areas.join(",")));
        }
        let mut add = |name, value: Option<String>| pairs.extend(value.map(|value| (name, value)));
        add(SUBJECT, self.subject.as_ref().map(ToString::to_string));
        add(TYPE, self.event_type.clone());
        add(TENANT, self.tenant.map(|tenant| tenant.as_str().to_owned()));
        add(KIND, self.reason_kind.map(|kind| kind.as_str().to_owned()));
        add(AFTER, self.after.map(words::id_text));
        add(
            LIMIT,
            (self.limit != Self::UNBOUNDED).then(|| self.limit.to_string()),
        );
        pairs
    }

    /// As many as there are.
    pub const UNBOUNDED: usize = usize::MAX;

    /// The most records a list answers with.
    pub const MOST: usize = 1000;

    const USUAL: usize = 100;
}

impl Default for DlqQuery {
    fn default() -> Self {
        Self {
            areas: DlqArea::ALL.into(),
            subject: None,
            event_type: None,
            tenant: None,
            reason_kind: None,
            after: None,
            limit: Self::USUAL,
        }
    }
}

impl Serialize for DlqQuery {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let pairs = self.pairs();
        let mut map = to.serialize_map(Some(pairs.len()))?;
        for (name, value) in pairs {
            map.serialize_entry(name, &value)?;
        }
        map.end()
    }
}

/// A query in the making, and everything found wrong with it so far.
pub(super) struct Parts {
    query: DlqQuery,
    seen: BTreeSet<String>,
    found: Vec<Violation>,
}

impl Parts {
    /// Begins with `query`.
    pub(super) fn new(query: DlqQuery) -> Self {
        Self {
            query,
            seen: BTreeSet::new(),
            found: Vec::new(),
        }
    }

    /// Takes one parameter.
    pub(super) fn take(&mut self, name: &str, value: &str) {
        let query = &mut self.query;
        let rule = match name {
            AREA => areas(value).map(|areas| query.areas = areas),
            SUBJECT => set(&mut query.subject, value.parse().ok(), PATTERN),
            TYPE => set(
                &mut query.event_type,
                (!value.is_empty()).then(|| value.to_owned()),
                "an event type",
            ),
            TENANT => set(&mut query.tenant, value.parse().ok(), "a tenant's name"),
            KIND => set(&mut query.reason_kind, words::kind(value), KINDS),
            AFTER => set(&mut query.after, words::id(value), "a record's id"),
            LIMIT => words::id(value)
                .and_then(|limit| usize::try_from(limit).ok())
                .filter(|limit| (1..=DlqQuery::MOST).contains(limit))
                .map(|limit| query.limit = limit)
                .ok_or(FEW),
            _ => return self.refuse(UNKNOWN, Problem::MustBe(NAMES)),
        };
        if let Err(rule) = rule {
            self.refuse(name, Problem::MustBe(rule));
        }
        if !self.seen.insert(name.to_owned()) {
            self.refuse(name, Problem::MustNot("be there twice"));
        }
    }

    /// Takes note of a value that is none.
    pub(super) fn refuse(&mut self, name: &str, problem: Problem) {
        self.found.push(Violation {
            attribute: name.to_owned(),
            problem,
        });
    }

    /// The query, or everything that is wrong with it.
    pub(super) fn finish(self) -> Result<DlqQuery, Violations> {
        Violations::none_in(self.found)?;
        Ok(self.query)
    }
}

/// Areas, separated by commas.
pub(super) fn areas(text: &str) -> Result<BTreeSet<DlqArea>, &'static str> {
    let words = text.split(',');
    let areas: Result<BTreeSet<DlqArea>, _> = words.map(str::parse).collect();
    areas.map_err(|_| AREAS)
}

fn set<T>(place: &mut Option<T>, value: Option<T>, rule: &'static str) -> Result<(), &'static str> {
    *place = Some(value.ok_or(rule)?);
    Ok(())
}

pub(super) const AREA: &str = "area";
const SUBJECT: &str = "subject";
const TYPE: &str = "type";
const TENANT: &str = "tenant";
const KIND: &str = "kind";
const AFTER: &str = "after";
pub(super) const LIMIT: &str = "limit";
const FEW: &str = "a number from 1 to 1000";
const UNKNOWN: &str = "a parameter";
const NAMES: &str = "area, subject, type, tenant, kind, after or limit";
const PATTERN: &str = "a subject pattern such as consign.audit.*.>";
const KINDS: &str = "invalid, rejected, unavailable, saturated or config";
pub(super) const AREAS: &str = "waiting, set-aside or dead, or some of them, separated by commas";

#[cfg(test)]
mod tests {
    use super::{DlqArea, DlqQuery, ErrorKind};

    #[test]
    fn a_query_survives_the_url() {
        let query = DlqQuery {
            areas: [DlqArea::Dead, DlqArea::SetAside].into(),
            subject: Some("consign.*.>".parse().unwrap()),
            event_type: Some("a b&c=d%é".into()),
            tenant: Some("acme".parse().unwrap()),
            reason_kind: Some(ErrorKind::Config),
            after: Some(u64::MAX),
            limit: 7,
        };
        assert_eq!(DlqQuery::parse(&query.to_url_query()).unwrap(), query);
        assert_eq!(DlqQuery::parse("").unwrap(), DlqQuery::default());
        assert_eq!(
            DlqQuery::parse(&DlqQuery::default().to_url_query()).unwrap(),
            DlqQuery::default()
        );
    }

    #[test]
    fn everything_wrong_is_said_at_once_and_no_value_repeated() {
        let text = "area=waiting,hell&subject=a..b&tenant=a.b&kind=bad&after=-1&limit=1001\
                    &type=&sec%72et=hell&type=x";
        let said = DlqQuery::parse(text).unwrap_err().to_string();
        let names = [
            "area", "subject", "tenant", "kind", "after", "limit", "type",
        ];
        for name in names {
            assert!(said.contains(&format!("{name} must be")), "{name}: {said}");
        }
        assert!(said.contains("a parameter must be area,") && said.contains("twice"));
        assert!(!said.contains("hell") && !said.contains("secret"), "{said}");
    }

    #[test]
    fn limits_and_ids_are_numbers_within_bounds() {
        for (text, good) in [
            ("limit=1", true),
            ("limit=1000", true),
            ("limit=0", false),
            ("limit=+1", false),
            ("limit=99999999999999999999999", false),
            ("after=00000000000000000007", true),
            ("after=18446744073709551615", true),
            ("after=18446744073709551616", false),
            ("after=7;", false),
        ] {
            assert_eq!(DlqQuery::parse(text).is_ok(), good, "{text}");
        }
    }
}
