use chrono::{DateTime, SubsecRound as _, Utc};
use events_core::Filter;

/// Which rows are to be read, as far as a database can tell. The subject is not among the
/// conditions, and times are compared to the microsecond: the reader looks at both again.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    conditions: Vec<(&'static str, Value)>,
    order: Order,
    limit: usize,
}

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
    /// What `filter` wants of the rows above `after` up to `up_to`, at most `limit` of them.
    pub(crate) fn new(filter: &Filter, after: i64, up_to: i64, order: Order, limit: usize) -> Self {
        let text = |text: &str| Value::Text(text.to_owned());
        let tenant = filter.tenant.as_ref().map(|tenant| text(tenant.as_str()));
        let source = filter.source.as_ref().map(|source| text(source.as_str()));
        let kind = filter.kind.as_ref().map(|kind| text(kind.as_str()));
        let time = |time: DateTime<Utc>| Value::Time(time.trunc_subsecs(6));
        let conditions = [
            ("seq >", Some(Value::Number(after))),
            ("seq <=", Some(Value::Number(up_to))),
            ("tenant =", tenant),
            ("source =", source),
            ("type =", kind),
            ("\"time\" >=", filter.since.map(time)),
            ("\"time\" <=", filter.until.map(time)),
        ];
        let set = |(name, value): (&'static str, Option<Value>)| value.map(|value| (name, value));
        Self {
            conditions: conditions.into_iter().filter_map(set).collect(),
            order,
            limit,
        }
    }

    /// The statement, whose placeholders are `mark` and a number from 1 on.
    pub(crate) fn sql(&self, mark: char) -> String {
        let conditions = self.conditions.iter().zip(1..);
        let conditions = conditions.map(|((name, _), number)| format!("{name} {mark}{number}"));
        let conditions: Vec<String> = conditions.collect();
        let order = match self.order {
            Order::OldestFirst => "ASC",
            Order::NewestFirst => "DESC",
        };
        let (conditions, limit) = (conditions.join(" AND "), self.limit);
        format!(
            "SELECT seq, wire FROM agent_events WHERE {conditions} ORDER BY seq {order} LIMIT {limit}"
        )
    }

    /// The values of the placeholders, in order.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Value> {
        self.conditions.iter().map(|(_, value)| value)
    }
}
