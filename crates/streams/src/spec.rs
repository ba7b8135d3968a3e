use std::fmt;
use std::time::Duration;

use events_core::subject::SubjectPattern;
use serde::{Serialize, Serializer};

use crate::live::Live;
use crate::pattern::overlap;
use crate::setting::Word;
use crate::text::span;
use crate::{Discard, Retention, Storage, StreamName};

/// What one stream shall be like.
///
/// Serialises as the configuration that the server is sent, durations in nanoseconds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StreamSpec {
    /// Its name.
    pub name: StreamName,
    /// What it is for, which decides what is checked.
    pub class: Class,
    /// What it captures.
    pub subjects: Vec<SubjectPattern>,
    /// When it lets go of a message.
    pub retention: Retention,
    /// Where it keeps messages.
    pub storage: Storage,
    /// What it does when it is full.
    pub discard: Discard,
    /// How long it keeps a message; without, for ever.
    pub max_age: Option<Duration>,
    /// How many bytes it keeps; without, as many as the account may. A bound that is there and
    /// not declared stays, here and in the next two.
    pub max_bytes: Option<u64>,
    /// How many messages it keeps.
    pub max_messages: Option<u64>,
    /// How large a message may be, headers included, in bytes; without, as the server allows.
    pub max_message_size: Option<u64>,
    /// For how long a message that comes again is known.
    pub duplicate_window: Duration,
    /// On how many servers each message is kept, 1 to 5.
    pub replicas: u8,
    /// Whether single messages cannot be deleted through the API.
    pub deny_delete: bool,
    /// Whether it cannot be purged through the API.
    pub deny_purge: bool,
}

/// What a stream is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Class {
    /// Proof of what happened: kept by limits alone, for the floor of retention at least, and
    /// shut against deleting.
    Audit,
    /// What goes on, for whoever listens and for looking back.
    Events,
    /// Work that one consumer takes.
    Work,
    /// Worth nothing a little later; no guarantee is checked but that it is captured.
    Ephemeral,
    /// Anything else.
    Other,
}

impl StreamSpec {
    /// A stream with what its class needs: see the fields of the result.
    #[must_use]
    pub fn new(name: StreamName, class: Class, subjects: Vec<SubjectPattern>) -> Self {
        let (retention, storage, discard, max_age) = match class {
            Class::Audit => (Retention::Limits, Storage::File, Discard::New, days(90)),
            Class::Events => (Retention::Limits, Storage::File, Discard::New, days(3)),
            Class::Work => (Retention::WorkQueue, Storage::File, Discard::New, days(1)),
            Class::Ephemeral => (Retention::Limits, Storage::Memory, Discard::Old, HOUR),
            Class::Other => (Retention::Limits, Storage::File, Discard::New, days(30)),
        };
        let shut = class == Class::Audit;
        Self {
            name,
            class,
            subjects,
            retention,
            storage,
            discard,
            max_age: Some(max_age),
            max_bytes: None,
            max_messages: None,
            max_message_size: None,
            duplicate_window: DUPLICATE_WINDOW,
            replicas: 1,
            deny_delete: shut,
            deny_purge: shut,
        }
    }

    /// Whether it captures anything that `pattern` stands for.
    #[must_use]
    pub fn takes_any_of(&self, pattern: &SubjectPattern) -> bool {
        let mut subjects = self.subjects.iter();
        subjects.any(|own| overlap(own.as_str(), pattern.as_str()))
    }

    /// Its settings as an operator writes them, by the server's names.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        Live::from(self).settings()
    }

    /// Whether its class leaves nothing to guarantee.
    pub(crate) fn is_ephemeral(&self) -> bool {
        self.class == Class::Ephemeral
    }
}

impl fmt::Display for StreamSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subjects: Vec<&str> = self.subjects.iter().map(SubjectPattern::as_str).collect();
        let Self {
            name,
            retention,
            storage,
            ..
        } = self;
        let age = span(self.max_age);
        let subjects = subjects.join(" ");
        write!(f, "{name}: {subjects}, {retention}, {storage}, {age}")
    }
}

impl Serialize for StreamSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Live::from(self).serialize(serializer)
    }
}

impl Word for Class {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("audit", Self::Audit),
        ("events", Self::Events),
        ("work", Self::Work),
        ("ephemeral", Self::Ephemeral),
        ("other", Self::Other),
    ];
}

const fn days(days: u64) -> Duration {
    Duration::from_secs(days * 86_400)
}

const HOUR: Duration = Duration::from_secs(3_600);
/// Longer than an event in doubt waits for the breaker, whose longest pause is three minutes, and
/// short enough that the server's memory of it stays small.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(300);
