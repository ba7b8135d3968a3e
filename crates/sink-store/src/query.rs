use chrono::{DateTime, SubsecRound as _, Utc};
use events_core::Filter;

/// Which rows are to be read, as far as a database can tell. The subject is not among the
/// conditions, and times are compared to the microsecond: the reader looks at both again.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    conditions: Vec<(&'static str, Value)>,
    order: Order,
}

/// Rows of some times, to the microsecond, as an index finds them without reading a row.
#[derive(Clone, Debug)]
pub(crate) struct Times(Vec<(&'static str, Value)>);

/// A value that a condition compares with.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Number(i64),
    Text(String),
    Time(DateTime<Utc>),
}

/// Which rows come first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Order {
    OldestFirst,
    NewestFirst,
}

impl Query {
    /// What `filter` wants of the rows above `after` up to `up_to`.
    pub(crate) fn new(filter: &Filter, after: i64, up_to: i64, order: Order) -> Self {
        let text = |text: &str| Value::Text(text.to_owned());
        let tenant = filter.tenant.as_ref().map(|tenant| text(tenant.as_str()));
        let source = filter.source.as_ref().map(|source| text(source.as_str()));
        let kind = filter.kind.as_ref().map(|kind| text(kind.as_str()));
        let conditions = [
            ("seq >", Some(Value::Number(after))),
            ("seq <=", Some(Value::Number(up_to))),
            ("tenant =", tenant),
            ("source =", source),
            ("type =", kind),
        ];
        let set = |(name, value): (&'static str, Option<Value>)| value.map(|value| (name, value));
        let conditions = conditions.into_iter().filter_map(set);
        let times = Times::of(filter).into_iter().flat_map(|times| times.0);
        Self {
            conditions: conditions.chain(times).collect(),
            order,
        }
    }

    /// The statement, whose placeholders are `mark` and a number from 1 on.
    pub(crate) fn sql(&self, mark: char) -> String {
        let (conditions, order) = (joined(&self.conditions, mark), self.order());
        format!(
            "SELECT seq, wire FROM agent_events WHERE {conditions} \
             ORDER BY seq {order} LIMIT {PAGE_ROWS}"
        )
    }

    /// How `seq` is ordered, in the database's words.
    pub(crate) fn order(&self) -> &'static str {
        match self.order {
            Order::OldestFirst => "ASC",
            Order::NewestFirst => "DESC",
        }
    }

    /// The values of the placeholders, in order.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Value> {
        self.conditions.iter().map(|(_, value)| value)
    }
}

impl Times {
    /// The times that a filter asks for, if it does.
    pub(crate) fn of(filter: &Filter) -> Option<Self> {
        let time = |time: DateTime<Utc>| Value::Time(time.trunc_subsecs(6));
        let since = filter.since.map(|since| ("\"time\" >=", time(since)));
        let until = filter.until.map(|until| ("\"time\" <=", time(until)));
        let conditions: Vec<_> = since.into_iter().chain(until).collect();
        (!conditions.is_empty()).then_some(Self(conditions))
    }

    /// The statement. A bare `min(seq)` would let a database walk the rows by number until one fits.
    pub(crate) fn sql(&self, mark: char) -> String {
        let conditions = joined(&self.0, mark);
        format!("SELECT min(seq + 0), max(seq + 0) FROM agent_events WHERE {conditions}")
    }

    /// The values of the placeholders, in order.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Value> {
        self.0.iter().map(|(_, value)| value)
    }
}

fn joined(conditions: &[(&'static str, Value)], mark: char) -> String {
    let conditions = conditions.iter().zip(1..);
    let conditions = conditions.map(|((name, _), number)| format!("{name} {mark}{number}"));
    let conditions: Vec<String> = conditions.collect();
    conditions.join(" AND ")
}

/// Whether a page of so many rows and bytes takes no more.
pub(crate) fn is_full(rows: usize, bytes: usize) -> bool {
    rows >= PAGE_ROWS || bytes >= PAGE_BYTES
}

/// Rows read at once, at most.
const PAGE_ROWS: usize = 500;
/// No row is added to a page that has so many bytes of events.
pub(crate) const PAGE_BYTES: usize = 4 << 20;
