use std::collections::BTreeSet;

use events_core::{Problem, Violations};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::query::{self, AREA, AREAS, LIMIT, Parts};
use super::{DlqArea, DlqQuery, words};

/// Which records are to be delivered anew. As JSON an object with one field: `{"all":true}`,
/// `{"area":"waiting,set-aside"}`, `{"ids":["…"]}` or `{"query":{…}}`, whose fields are those of
/// the list's query.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DlqSelection {
    /// Every record, dead ones included.
    All,
    /// The records of these areas; never empty.
    Areas(BTreeSet<DlqArea>),
    /// These records; never empty, ascending, each once.
    Ids(Vec<u64>),
    /// All records that this query asks for, whatever its limit.
    Query(DlqQuery),
}

impl DlqSelection {
    /// Reads the body of a request. A body that chooses nothing is refused, since it may stand
    /// for anything.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Violations> {
        let Ok(Value::Object(fields)) = serde_json::from_slice(body) else {
            return Err(Violations::one("body", Problem::WrongType("a JSON object")));
        };
        let mut fields = fields.into_iter();
        let (Some((name, value)), None) = (fields.next(), fields.next()) else {
            return Err(Violations::one("body", Problem::MustBe(SHAPE)));
        };
        match (name.as_str(), value) {
            ("all", Value::Bool(true)) => Ok(Self::All),
            ("all", _) => Err(Violations::one("all", Problem::MustBe("true"))),
            (AREA, value) => joined(&value)
                .ok_or(AREAS)
                .and_then(|text| query::areas(&text))
                .map(Self::Areas)
                .map_err(|rule| Violations::one(AREA, Problem::MustBe(rule))),
            ("ids", Value::Array(values)) => ids(&values)
                .map(Self::Ids)
                .ok_or_else(|| Violations::one("ids", Problem::MustBe(IDS))),
            ("ids", _) => Err(Violations::one("ids", Problem::MustBe(IDS))),
            ("query", Value::Object(fields)) => filter(&fields).map(Self::Query),
            ("query", _) => Err(Violations::one(
                "query",
                Problem::WrongType("a JSON object"),
            )),
            _ => Err(Violations::one("body", Problem::MustBe(SHAPE))),
        }
    }

    /// The most ids one request may name.
    pub const MOST_IDS: usize = 10_000;
}

impl Serialize for DlqSelection {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(1))?;
        match self {
            Self::All => map.serialize_entry("all", &true)?,
            Self::Areas(areas) => map.serialize_entry(AREA, areas)?,
            Self::Ids(ids) => {
                let ids: Vec<String> = ids.iter().copied().map(words::id_text).collect();
                map.serialize_entry("ids", &ids)?;
            }
            Self::Query(query) => {
                let unbounded = DlqQuery {
                    limit: DlqQuery::UNBOUNDED,
                    ..query.clone()
                };
                map.serialize_entry("query", &unbounded)?;
            }
        }
        map.end()
    }
}

/// Ids, as texts or as numbers.
fn ids(values: &[Value]) -> Option<Vec<u64>> {
    let id = |value: &Value| match value {
        Value::String(text) => words::id(text),
        Value::Number(number) => number.as_u64(),
        _ => None,
    };
    let ids: BTreeSet<u64> = values.iter().map(id).collect::<Option<_>>()?;
    let bounded = !ids.is_empty() && values.len() <= DlqSelection::MOST_IDS;
    bounded.then(|| ids.into_iter().collect())
}

fn filter(fields: &Map<String, Value>) -> Result<DlqQuery, Violations> {
    let everything = DlqQuery {
        limit: DlqQuery::UNBOUNDED,
        ..DlqQuery::default()
    };
    let mut parts = Parts::new(everything);
    for (name, value) in fields {
        if name == LIMIT {
            parts.refuse(
                name,
                Problem::MustNot("be there: all that match are redriven"),
            );
            continue;
        }
        // What no parameter can be is refused as an empty one is.
        parts.take(name, &joined(value).unwrap_or_default());
    }
    if fields.is_empty() {
        parts.refuse(
            "query",
            Problem::MustNot("be empty; all records are {\"all\":true}"),
        );
    }
    parts.finish()
}

/// A value as a parameter of a URL has it: a text, a number, or texts with commas in between.
fn joined(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(values) => {
            let texts: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
            texts.map(|texts| texts.join(","))
        }
        _ => None,
    }
}

const SHAPE: &str = "an object with one field: \"all\" (true), \"area\", \"ids\" or \"query\"";
const IDS: &str = "a list of 1 to 10000 ids";

#[cfg(test)]
mod tests {
    use super::{DlqArea, DlqQuery, DlqSelection};

    #[test]
    fn a_selection_survives_the_wire() {
        let dead = DlqQuery {
            areas: [DlqArea::Dead].into(),
            limit: DlqQuery::UNBOUNDED,
            ..DlqQuery::default()
        };
        for selection in [
            DlqSelection::All,
            DlqSelection::Areas([DlqArea::Waiting, DlqArea::Dead].into()),
            DlqSelection::Ids(vec![0, 7, u64::MAX]),
            DlqSelection::Query(dead),
        ] {
            let body = serde_json::to_vec(&selection).unwrap();
            assert_eq!(DlqSelection::parse(&body).unwrap(), selection);
        }
    }

    #[test]
    fn ids_are_put_in_order_each_once() {
        let body = br#"{"ids":[9,"00000000000000000003","9"]}"#;
        assert_eq!(DlqSelection::parse(body), Ok(DlqSelection::Ids(vec![3, 9])));
    }

    #[test]
    fn what_chooses_nothing_or_two_things_is_refused() {
        for body in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"all":false}"#,
            r#"{"all":1}"#,
            r#"{"all":true,"area":"dead"}"#,
            r#"{"area":[]}"#,
            r#"{"area":["hell"]}"#,
            r#"{"ids":[]}"#,
            r#"{"ids":[-1]}"#,
            r#"{"ids":[1.5]}"#,
            r#"{"ids":["../1"]}"#,
            r#"{"ids":7}"#,
            r#"{"query":{}}"#,
            r#"{"query":{"everything":true}}"#,
            r#"{"query":{"area":{}}}"#,
            r#"{"query":{"area":"dead","limit":1}}"#,
            r#"{"everything":true}"#,
        ] {
            assert!(DlqSelection::parse(body.as_bytes()).is_err(), "{body}");
        }
    }
}
