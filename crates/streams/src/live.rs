use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::pattern::covers;
use crate::setting::Word;
use crate::text::{amount, span};
use crate::{Discard, StreamSpec};

/// A stream's configuration as the server tells it.
///
/// Words stay words and what this crate does not know stays in `rest`, so that a newer server's
/// settings are neither a failure to read nor lost by an update.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Live {
    pub(crate) name: String,
    /// Null for a mirror.
    #[serde(default)]
    pub(crate) subjects: Option<Vec<String>>,
    pub(crate) retention: String,
    pub(crate) storage: String,
    pub(crate) discard: String,
    /// In nanoseconds, like the other durations; 0 is for ever.
    #[serde(default)]
    pub(crate) max_age: u64,
    #[serde(default)]
    pub(crate) duplicate_window: u64,
    #[serde(default)]
    pub(crate) max_bytes: i64,
    #[serde(default)]
    pub(crate) max_msgs: i64,
    #[serde(default)]
    pub(crate) max_msgs_per_subject: i64,
    #[serde(default)]
    pub(crate) max_msg_size: i64,
    #[serde(default)]
    pub(crate) num_replicas: u8,
    #[serde(default)]
    pub(crate) no_ack: bool,
    #[serde(default)]
    pub(crate) deny_delete: bool,
    #[serde(default)]
    pub(crate) deny_purge: bool,
    #[serde(default)]
    pub(crate) sealed: bool,
    #[serde(default)]
    pub(crate) allow_rollup_hdrs: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) persist_mode: Option<String>,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

impl Live {
    /// What it captures.
    pub(crate) fn subjects(&self) -> &[String] {
        self.subjects.as_deref().unwrap_or_default()
    }

    /// Whether it captures all that `pattern` stands for.
    pub(crate) fn captures(&self, pattern: &str) -> bool {
        self.subjects().iter().any(|own| covers(own, pattern))
    }

    /// Whether it copies another stream and so takes no messages of its own.
    pub(crate) fn is_mirror(&self) -> bool {
        self.has("mirror")
    }

    /// Whether a subject that has as many messages as it may takes no more, and drops none.
    pub(crate) fn refuses_per_subject(&self) -> bool {
        self.discard == Discard::New.word() && self.has("discard_new_per_subject")
    }

    /// Whether the server set something here other than null or false.
    pub(crate) fn has(&self, key: &str) -> bool {
        let unset = |value: &Value| matches!(value, Value::Null | Value::Bool(false));
        self.rest.get(key).is_some_and(|value| !unset(value))
    }

    pub(crate) fn age(&self) -> Option<Duration> {
        (self.max_age > 0).then(|| Duration::from_nanos(self.max_age))
    }

    pub(crate) fn window(&self) -> Duration {
        Duration::from_nanos(self.duplicate_window)
    }

    /// The settings as an operator writes them, by the server's names.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        let bound = |wire| amount(limit(wire));
        vec![
            ("subjects", self.subjects().join(" ")),
            ("retention", self.retention.clone()),
            ("storage", self.storage.clone()),
            ("discard", self.discard.clone()),
            ("max_age", span(self.age())),
            ("duplicate_window", span(Some(self.window()))),
            ("max_bytes", bound(self.max_bytes)),
            ("max_msgs", bound(self.max_msgs)),
            ("max_msgs_per_subject", bound(self.max_msgs_per_subject)),
            ("max_msg_size", bound(self.max_msg_size)),
            ("num_replicas", self.num_replicas.to_string()),
            ("deny_delete", self.deny_delete.to_string()),
            ("deny_purge", self.deny_purge.to_string()),
            ("no_ack", self.no_ack.to_string()),
            ("sealed", self.sealed.to_string()),
        ]
    }
}

impl From<&StreamSpec> for Live {
    fn from(spec: &StreamSpec) -> Self {
        let subjects = spec.subjects.iter();
        Self {
            name: spec.name.to_string(),
            subjects: Some(subjects.map(|own| own.as_str().to_owned()).collect()),
            retention: spec.retention.word().to_owned(),
            storage: spec.storage.word().to_owned(),
            discard: spec.discard.word().to_owned(),
            max_age: nanos(spec.max_age.unwrap_or_default()),
            duplicate_window: nanos(spec.duplicate_window),
            max_bytes: wire_limit(spec.max_bytes),
            max_msgs: wire_limit(spec.max_messages),
            max_msgs_per_subject: UNLIMITED,
            max_msg_size: wire_limit(spec.max_message_size),
            num_replicas: spec.replicas,
            no_ack: false,
            deny_delete: spec.deny_delete,
            deny_purge: spec.deny_purge,
            sealed: false,
            allow_rollup_hdrs: false,
            persist_mode: None,
            rest: Map::new(),
        }
    }
}

/// A limit of the server's; zero and less mean none.
pub(crate) fn limit(wire: i64) -> Option<u64> {
    u64::try_from(wire).ok().filter(|limit| *limit > 0)
}

/// The same for the server.
pub(crate) fn wire_limit(limit: Option<u64>) -> i64 {
    limit.map_or(UNLIMITED, |limit| i64::try_from(limit).unwrap_or(i64::MAX))
}

pub(crate) fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

const UNLIMITED: i64 = -1;
