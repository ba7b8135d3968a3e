use std::fmt;
use std::time::Duration;

use super::lists::entries;
use super::{Form, Given, Value, Wrong, words};

words! {
    /// A place where events end.
    pub enum SinkKind {
        /// NATS JetStream.
        JetStream = "jetstream",
        /// The local journal.
        Journal = "journal",
        /// The table `agent_events` of a database.
        Store = "store",
        /// The structured log.
        Log = "log",
        /// Nowhere: events are accepted and forgotten.
        Noop = "noop",
    }
}

words! {
    /// What an event's fate has to do with one of several sinks.
    pub enum SinkNeed {
        /// The event fails where this sink fails.
        Required = "required",
        /// What this sink misses is counted, and fails nothing.
        BestEffort = "best-effort",
        /// One of all the one-of sinks has to have the event.
        OneOf = "one-of",
    }
}

/// One of the sinks that events go to, as `CONSIGN_SINK` lists it: `name[:need[:deadline]]`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SinkEntry {
    /// Which sink.
    pub kind: SinkKind,
    /// What an event's fate has to do with it, where that is said.
    pub need: Option<SinkNeed>,
    /// How long a delivery to it may take, where that is said.
    pub deadline: Option<Duration>,
}

/// Where events shall go.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SinkChoice {
    /// To JetStream when a server is named, else to the journal; and to the store where one is
    /// named.
    Auto,
    /// To these.
    Listed(Vec<SinkEntry>),
}

impl SinkKind {
    /// Whether it keeps events: the others say of each that they have it, and forget it.
    #[must_use]
    pub const fn keeps(self) -> bool {
        match self {
            Self::JetStream | Self::Journal | Self::Store => true,
            Self::Log | Self::Noop => false,
        }
    }
}

impl SinkEntry {
    /// What an event's fate has to do with it. Where nothing is said, a sink that keeps events is
    /// required.
    #[must_use]
    pub fn need(&self) -> SinkNeed {
        let usual = match self.kind.keeps() {
            true => SinkNeed::Required,
            false => SinkNeed::BestEffort,
        };
        self.need.unwrap_or(usual)
    }
}

impl From<SinkKind> for SinkEntry {
    fn from(kind: SinkKind) -> Self {
        Self {
            kind,
            need: None,
            deadline: None,
        }
    }
}

impl Value for SinkChoice {
    const FORM: Form = Form::List {
        noun: "auto, or a list of jetstream, journal, store, log, noop, each as name[:need[:deadline]]",
        example: "jetstream,store:best-effort:2s,log",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        if given.text.eq_ignore_ascii_case("auto") {
            return Ok(Self::Auto);
        }
        let mut listed = Vec::new();
        let mut faults = Vec::new();
        for text in entries(given.text)? {
            match entry(text) {
                Ok(entry) => listed.push(entry),
                Err(found) => faults.extend(found.into_iter().map(|fault| fault.to_string())),
            }
        }
        if faults.is_empty() {
            return Ok(Self::Listed(listed));
        }
        // A URL in the wrong place may hold a password.
        let may_be_quoted = !given.text.contains('@');
        Err(match may_be_quoted {
            true => Wrong::because(faults.join("; ")),
            false => Wrong::Form,
        })
    }
}

/// What is wrong with one entry of the list.
struct Fault<'a> {
    text: &'a str,
    what: &'static str,
    allowed: String,
}

impl fmt::Display for Fault<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.text.chars().take(LONGEST_QUOTE).collect();
        let Self { what, allowed, .. } = self;
        write!(f, "{shown:?} is no {what}; use {allowed}")
    }
}

fn entry(text: &str) -> Result<SinkEntry, Vec<Fault<'_>>> {
    let mut parts = text.splitn(3, ':').map(str::trim);
    let (kind, need, deadline) = (parts.next(), parts.next(), parts.next());
    let mut faults = Vec::new();
    let kind = read::<SinkKind>(kind, "sink", &mut faults);
    let need = read::<SinkNeed>(need, "need", &mut faults);
    let deadline = read::<Duration>(deadline, "deadline", &mut faults);
    match kind {
        Some(kind) if faults.is_empty() => Ok(SinkEntry {
            kind,
            need,
            deadline,
        }),
        _ => Err(faults),
    }
}

fn read<'a, T: Value>(
    text: Option<&'a str>,
    what: &'static str,
    faults: &mut Vec<Fault<'a>>,
) -> Option<T> {
    let text = text?;
    let value = T::parse(&Given { text, file: None }).ok();
    if value.is_none() {
        let allowed = T::FORM.accepts();
        faults.push(Fault {
            text,
            what,
            allowed,
        });
    }
    value
}

const LONGEST_QUOTE: usize = 40;
