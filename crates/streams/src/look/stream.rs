use std::time::Duration;

use async_nats::jetstream::{Context, ErrorCode};
use chrono::{DateTime, Utc};
use events_core::subject::SubjectPattern;
use serde::{Deserialize, Serialize, Serializer};

use super::page::{self, Listing};
use crate::api::{Answer, ask, refused};
use crate::live::Live;
use crate::pattern::overlap;
use crate::text::span;
use crate::{StreamName, StreamsError};

/// A stream as the server has it, at a moment.
#[derive(Clone, Debug, Deserialize)]
pub struct StreamInfo {
    pub(crate) config: Live,
    /// What it holds.
    #[serde(rename = "state")]
    pub contents: Contents,
    /// When it was made, by the server's clock.
    pub created: DateTime<Utc>,
    /// When the server said so, by its own clock; servers before 2.10 do not tell.
    #[serde(rename = "ts")]
    pub told_at: Option<DateTime<Utc>>,
    cluster: Option<Cluster>,
}

/// What a stream holds.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Contents {
    /// How many messages.
    pub messages: u64,
    /// How many bytes, as they are stored.
    pub bytes: u64,
    /// The sequence of the oldest message; of the next one where there is none.
    #[serde(rename(deserialize = "first_seq"))]
    pub first_sequence: u64,
    /// The sequence of the newest message there ever was.
    #[serde(rename(deserialize = "last_seq"))]
    pub last_sequence: u64,
    #[serde(rename(deserialize = "first_ts"), skip_serializing)]
    first_time: DateTime<Utc>,
    #[serde(rename(deserialize = "last_ts"), skip_serializing)]
    last_time: DateTime<Utc>,
    /// How many consumers.
    #[serde(rename(deserialize = "consumer_count"))]
    pub consumers: u64,
    /// How many subjects have a message.
    #[serde(default, rename(deserialize = "num_subjects"))]
    pub subjects: u64,
    /// How many messages between the oldest and the newest are gone.
    #[serde(default, rename(deserialize = "num_deleted"))]
    pub deleted: u64,
}

impl StreamInfo {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// What it captures; nothing, for a mirror.
    #[must_use]
    pub fn subjects(&self) -> &[String] {
        self.config.subjects()
    }

    /// When it lets go of a message, in the server's word: `limits`, `interest`, `workqueue`.
    #[must_use]
    pub fn retention(&self) -> &str {
        &self.config.retention
    }

    /// Where it keeps messages, in the server's word: `file`, `memory`.
    #[must_use]
    pub fn storage(&self) -> &str {
        &self.config.storage
    }

    /// How long it keeps a message; `None` is for ever.
    #[must_use]
    pub fn max_age(&self) -> Option<Duration> {
        self.config.age()
    }

    /// Its retention and age in a few words, as in `limits 3d`.
    #[must_use]
    pub fn keeping(&self) -> String {
        format!("{} {}", self.config.retention, span(self.config.age()))
    }

    /// Whether it lets nobody purge it.
    #[must_use]
    pub fn denies_purge(&self) -> bool {
        self.config.deny_purge
    }

    /// Whether it captures anything that `pattern` stands for.
    #[must_use]
    pub fn takes_any_of(&self, pattern: &SubjectPattern) -> bool {
        let mut subjects = self.subjects().iter();
        subjects.any(|own| overlap(own, pattern.as_str()))
    }

    /// The server that leads it; `None` for a server without a cluster, and where there is none.
    #[must_use]
    pub fn leader(&self) -> Option<&str> {
        self.cluster.as_ref()?.leader.as_deref()
    }

    /// Its settings as an operator writes them, by the server's names.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        self.config.settings()
    }
}

impl Contents {
    /// When the oldest message was stored.
    #[must_use]
    pub fn first_time(&self) -> Option<DateTime<Utc>> {
        (self.messages > 0).then_some(self.first_time)
    }

    /// When the newest message was stored, which may be gone again; `None` where there never was
    /// any.
    #[must_use]
    pub fn last_time(&self) -> Option<DateTime<Utc>> {
        (self.last_sequence > 0 && self.last_time.timestamp() > 0).then_some(self.last_time)
    }
}

/// The settings as the server tells them, those this crate does not know included.
impl Serialize for StreamInfo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.config.serialize(serializer)
    }
}

/// The stream of this name; `None` where there is none.
///
/// # Errors
/// The server does not answer, or has no JetStream.
pub async fn stream(js: &Context, name: &StreamName) -> Result<Option<StreamInfo>, StreamsError> {
    let doing = format!("look at {name}");
    let answer: Answer<StreamInfo> = ask(js, format!("STREAM.INFO.{name}"), &(), &doing).await?;
    match answer {
        Ok(info) => Ok(Some(info)),
        Err(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND => Ok(None),
        Err(error) => Err(refused(name.as_str(), doing, &error)),
    }
}

/// Every stream of the account, by name.
///
/// # Errors
/// The server does not answer, or not to this login; it has no JetStream; streams come and go so
/// fast that no list of them is whole.
pub async fn streams(js: &Context) -> Result<Listing<StreamInfo>, StreamsError> {
    let mut all: Listing<StreamInfo> = page::all(js, "STREAM.LIST", "", "list the streams").await?;
    all.items.sort_by(|one, other| one.name().cmp(other.name()));
    Ok(all)
}

#[derive(Clone, Debug, Deserialize)]
struct Cluster {
    #[serde(default)]
    leader: Option<String>,
}
