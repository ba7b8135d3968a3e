use std::fmt;

use async_trait::async_trait;
use events_core::{Draft, EventSink, Outcome, Place, SinkError, WireEvent};
use tracing::Level;

use crate::level;
use crate::line::Line;
use crate::site::Site;

/// Writes each event as one structured line of the log: attributes alone, never data.
///
/// Prepares nothing and never fails. A line is no custody: the receipt names no place
/// ([`Place::Noop`], nothing survives), and an event's number stays open, so that a signer declares
/// it unless another sink stores the event too. Give a fan-out this sink as best-effort, where its
/// `Ok` decides nothing; required or one-of, it would answer for a store that failed.
///
/// Wrapped in redaction it logs what redaction left. By itself it logs attributes as they came.
#[derive(Clone)]
pub struct LogSink {
    target: &'static str,
    /// By level, most verbose first.
    sites: [&'static Site; 5],
}

impl LogSink {
    /// A sink whose lines have that target, which filters go by.
    ///
    /// What `tracing` knows of a target stays in memory for as long as the process, so make one
    /// sink and clone it.
    #[must_use]
    pub fn new(target: &str) -> Self {
        let target: &'static str = Box::leak(target.into());
        Self {
            target,
            sites: LEVELS.map(|level| Site::registered(target, level)),
        }
    }

    /// The target of lines where none is chosen.
    pub const TARGET: &'static str = "events";

    fn say(&self, event: &WireEvent) {
        let level = level::of(event.attributes());
        let sites = LEVELS.iter().zip(self.sites);
        for (_, site) in sites.filter(|(own, _)| **own == level) {
            site.say(|| Line::of(event));
        }
    }
}

impl Default for LogSink {
    fn default() -> Self {
        Self::new(Self::TARGET)
    }
}

#[async_trait]
impl EventSink for LogSink {
    fn prepare(&self, _drafts: &mut [Draft]) {}

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        let said = events.iter().map(|event| {
            self.say(event);
            // Unlike `delivered`, this leaves the event's number to who stores it.
            Ok(Outcome::delivered_before(event, Place::Noop))
        });
        said.collect()
    }
}

impl fmt::Display for LogSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("log")
    }
}

impl fmt::Debug for LogSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogSink({})", self.target)
    }
}

const LEVELS: [Level; 5] = [
    Level::TRACE,
    Level::DEBUG,
    Level::INFO,
    Level::WARN,
    Level::ERROR,
];
