use async_nats::jetstream::Context;
use chrono::{DateTime, Utc};
use events_core::subject::SubjectPattern;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::page::{self, Listing};
use crate::pattern::overlap;
use crate::{StreamName, StreamsError};

/// A consumer as the server has it, at a moment.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ConsumerInfo {
    /// The stream it reads.
    #[serde(rename(deserialize = "stream_name"))]
    pub stream: String,
    /// Its name.
    pub name: String,
    /// When it was made, by the server's clock.
    pub created: DateTime<Utc>,
    /// How far messages were handed to it.
    pub delivered: Reach,
    /// Up to where everything is acknowledged.
    pub ack_floor: Reach,
    /// How many messages were handed to it and are not acknowledged.
    #[serde(rename(deserialize = "num_ack_pending"))]
    pub unacknowledged: u64,
    /// How many of those were handed to it more than once.
    #[serde(rename(deserialize = "num_redelivered"))]
    pub redelivered: u64,
    /// How many requests for messages wait, of a consumer that is asked for them.
    #[serde(rename(deserialize = "num_waiting"))]
    pub waiting: u64,
    /// How many messages it has still to be handed.
    #[serde(rename(deserialize = "num_pending"))]
    pub pending: u64,
    /// Whether somebody listens, to one that delivers by itself.
    #[serde(default, rename(deserialize = "push_bound"))]
    pub bound: bool,
    /// Whether it is held until a time.
    #[serde(default)]
    pub paused: bool,
    /// Its settings as the server tells them.
    pub config: Map<String, Value>,
}

/// How far something went.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Reach {
    /// Counted by the consumer.
    #[serde(rename(deserialize = "consumer_seq"))]
    pub consumer_sequence: u64,
    /// Counted by the stream.
    #[serde(rename(deserialize = "stream_seq"))]
    pub stream_sequence: u64,
    /// When it last went further.
    #[serde(rename(deserialize = "last_active"))]
    pub last: Option<DateTime<Utc>>,
}

impl ConsumerInfo {
    /// What it reads of the stream; nothing named is all.
    #[must_use]
    pub fn filters(&self) -> Vec<&str> {
        let one = self.config.get("filter_subject");
        let many = self.config.get("filter_subjects").and_then(Value::as_array);
        let all = one.into_iter().chain(many.into_iter().flatten());
        all.filter_map(Value::as_str)
            .filter(|filter| !filter.is_empty())
            .collect()
    }

    /// Whether it delivers by itself, instead of being asked.
    #[must_use]
    pub fn is_push(&self) -> bool {
        self.config.contains_key("deliver_subject")
    }

    /// Whether it stays when nobody uses it.
    #[must_use]
    pub fn is_durable(&self) -> bool {
        self.config.contains_key("durable_name")
    }

    /// How messages are acknowledged, in the server's word: `none`, `all`, `explicit`.
    #[must_use]
    pub fn ack_policy(&self) -> &str {
        let policy = self.config.get("ack_policy");
        policy.and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether it reads anything that `pattern` stands for.
    #[must_use]
    pub fn reads_any_of(&self, pattern: &SubjectPattern) -> bool {
        let filters = self.filters();
        let reads = |own: &&str| overlap(own, pattern.as_str());
        filters.is_empty() || filters.iter().any(reads)
    }
}

/// Every consumer of the stream, by name.
///
/// # Errors
/// The server does not answer, or not to this login; there is no such stream; consumers come and go
/// so fast that no list of them is whole.
pub async fn consumers(js: &Context, stream: &str) -> Result<Listing<ConsumerInfo>, StreamsError> {
    let subject = format!("CONSUMER.LIST.{stream}");
    let doing = format!("list the consumers of {stream}");
    let mut all: Listing<ConsumerInfo> = page::all(js, &subject, stream, &doing).await?;
    all.items.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(all)
}

/// One consumer; `None` where there is no such consumer.
///
/// # Errors
/// As [`consumers`].
pub async fn consumer(
    js: &Context,
    stream: &StreamName,
    name: &StreamName,
) -> Result<Option<ConsumerInfo>, StreamsError> {
    let all = consumers(js, stream.as_str()).await?.items;
    Ok(all
        .into_iter()
        .find(|consumer| consumer.name == name.as_str()))
}
