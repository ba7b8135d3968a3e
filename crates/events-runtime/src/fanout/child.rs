use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use events_core::EventSink;

/// A sink that a fan-out gives events to.
#[derive(Clone, Debug)]
pub struct Child {
    /// What logs, metrics and status call it. Unlike any other child's.
    pub name: String,
    /// Where its events go.
    pub sink: Arc<dyn EventSink>,
    /// What an event's fate has to do with it.
    pub need: Need,
    /// How long a delivery to it may take; past that it is dropped, as `Unavailable`.
    pub deadline: Duration,
}

impl Child {
    /// A child that every event needs, called what `sink` prints, with a deadline of 10 s.
    pub fn required(sink: impl EventSink) -> Self {
        Self::of(sink, Need::Required)
    }

    /// The same, where any one of such children is enough.
    pub fn one_of(sink: impl EventSink) -> Self {
        Self::of(sink, Need::OneOf)
    }

    /// The same, where nothing depends on it.
    pub fn best_effort(sink: impl EventSink) -> Self {
        Self::of(sink, Need::BestEffort)
    }

    fn of(sink: impl EventSink, need: Need) -> Self {
        Self {
            name: sink.to_string(),
            sink: Arc::new(sink),
            need,
            deadline: DEADLINE,
        }
    }
}

/// What an event's fate has to do with one child of a fan-out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Need {
    /// The event fails where this child fails.
    Required,
    /// What this child misses is counted and logged, and fails nothing.
    BestEffort,
    /// One of all the one-of children has to have the event; what the others miss is counted and
    /// logged.
    OneOf,
}

/// How a child of a fan-out is doing. Counted in events, since the fan-out was made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChildStatus {
    /// The child's name.
    pub name: String,
    /// Its need.
    pub need: Need,
    /// Events it answered with `Delivered`.
    pub delivered: u64,
    /// Events it answered with `Spilled`.
    pub spilled: u64,
    /// Events it failed, was too slow for, or was passed over for.
    pub failed: u64,
    /// Events that came again and were not sent to it, since it had them.
    pub kept: u64,
    /// Events on their way to it that nobody waits for any more.
    pub lagging: usize,
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Required => "required",
            Self::BestEffort => "best-effort",
            Self::OneOf => "one-of",
        })
    }
}

const DEADLINE: Duration = Duration::from_secs(10);
