//! What the daemon counts, in the names and labels of its metrics and of `/v1/status`.

mod labels;
mod process;
mod readings;
mod tallies;

use std::fmt;
use std::time::Duration;

use events_core::codec::http::Mode;
use events_core::{ErrorKind, Outcome};
use events_http::{Answered, Following, Observer};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use serde::Serialize;

use self::labels::{Refused, Request, Sink, Stored, Transport};
use self::process::Process;
pub(crate) use self::readings::{Reading, Readings};
pub(crate) use self::tallies::{Tallies, Tally};

/// The counters of the daemon since its start. Labels come from closed sets.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    counters: Counters,
    /// Where the chain ends.
    sink: &'static str,
}

/// The counters at one moment, as `/v1/status` shows them.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub(crate) struct Counts {
    /// Events that got a receipt.
    pub(crate) accepted: u64,
    /// Of these, the ones that reached their destination.
    pub(crate) delivered: u64,
    /// Of these, the ones that wait on disk or waited there.
    pub(crate) spilled: u64,
    /// Events that got an error.
    pub(crate) refused: u64,
    /// Events that were delivered after they had waited.
    pub(crate) redriven: u64,
    /// Events the destination had already.
    pub(crate) duplicates: u64,
}

impl Metrics {
    /// The metrics of a chain that ends in `sink`, with `others` read whenever they are.
    #[must_use]
    pub(crate) fn new(sink: &'static str, others: Vec<Box<dyn Collector>>) -> Self {
        let counters = Counters::default();
        let Counters {
            received,
            stored,
            refused,
            requests,
            took,
            custody,
            watching,
            dropped,
        } = &counters;
        let mut whole = Registry::default();
        // Under the names that they have everywhere.
        whole.register_collector(Box::new(Process));
        let registry = whole.sub_registry_with_prefix("consign");
        registry.register("events_received", "Events that arrived", received.clone());
        registry.register("sink_events", "Events with a receipt", stored.clone());
        registry.register("events_refused", "Events with an error", refused.clone());
        registry.register("http_requests", "HTTP requests answered", requests.clone());
        let help = "Seconds from a request's head to the head of its answer";
        registry.register("http_request_duration_seconds", help, took.clone());
        let help = "Seconds from the hand-over of a batch to its last receipt";
        registry.register("sink_emit_duration_seconds", help, custody.clone());
        registry.register("sse_clients", "Clients of the live tail", watching.clone());
        let help = "Clients of the live tail that took nothing and were dropped";
        registry.register("sse_dropped", help, dropped.clone());
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        registry.register("build", "What this build is", Info::new(version));
        for other in others {
            registry.register_collector(other);
        }
        Self {
            registry: whole,
            counters,
            sink,
        }
    }

    /// The metrics in the OpenMetrics text format 1.0.0.
    #[must_use]
    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            Err(fmt::Error) => String::new(),
        }
    }

    /// The counters now.
    #[must_use]
    pub(crate) fn counts(&self) -> Counts {
        let stored = |outcome| {
            self.counters
                .stored
                .get_or_create(&Stored {
                    sink: self.sink,
                    outcome,
                })
                .get()
        };
        let refused = |kind: &ErrorKind| {
            self.counters
                .refused
                .get_or_create(&Refused {
                    kind: kind.as_str(),
                })
                .get()
        };
        let (delivered, spilled) = (stored("delivered"), stored("spilled"));
        Counts {
            accepted: delivered + spilled,
            delivered,
            spilled,
            refused: KINDS.iter().map(refused).sum(),
            redriven: 0,
            duplicates: 0,
        }
    }

    /// Counts an event that arrived on standard input.
    pub(crate) fn read_line(&self) {
        self.counters
            .received
            .get_or_create(&Transport { transport: "stdin" })
            .inc();
    }

    /// Notes how long a batch took from hand-over to its last receipt.
    pub(crate) fn emitted(&self, took: Duration) {
        self.counters
            .custody
            .get_or_create(&Sink { sink: self.sink })
            .observe(took.as_secs_f64());
    }

    /// Counts an event that got a receipt.
    pub(crate) fn stored(&self, outcome: &Outcome) {
        self.counters
            .stored
            .get_or_create(&Stored {
                sink: self.sink,
                outcome: outcome.as_str(),
            })
            .inc();
    }
}

impl Observer for Metrics {
    fn received(&self, mode: Mode, events: usize) {
        let transport = match mode {
            Mode::Binary => "binary",
            Mode::Structured => "structured",
            Mode::Batched => "batched",
        };
        let events = u64::try_from(events).unwrap_or(u64::MAX);
        self.counters
            .received
            .get_or_create(&Transport { transport })
            .inc_by(events);
    }

    fn refused(&self, kind: ErrorKind) {
        self.counters
            .refused
            .get_or_create(&Refused {
                kind: kind.as_str(),
            })
            .inc();
    }

    fn answered(&self, answered: &Answered) {
        let Answered {
            method,
            route,
            status,
            took,
            ..
        } = *answered;
        self.counters
            .requests
            .get_or_create(&Request {
                method,
                route,
                status,
            })
            .inc();
        self.counters.took.observe(took.as_secs_f64());
    }

    fn following(&self, change: Following) {
        let Counters {
            watching, dropped, ..
        } = &self.counters;
        match change {
            Following::Began => {
                watching.inc();
            }
            Following::Dropped => {
                dropped.inc();
            }
            Following::Ended => {
                watching.dec();
            }
        }
    }
}

#[derive(Debug)]
struct Counters {
    received: Family<Transport, Counter>,
    stored: Family<Stored, Counter>,
    refused: Family<Refused, Counter>,
    requests: Family<Request, Counter>,
    took: Histogram,
    custody: Family<Sink, Histogram, fn() -> Histogram>,
    watching: Gauge,
    dropped: Counter,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            received: Family::default(),
            stored: Family::default(),
            refused: Family::default(),
            requests: Family::default(),
            took: Histogram::new(BUCKETS),
            custody: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            watching: Gauge::default(),
            dropped: Counter::default(),
        }
    }
}

/// Seconds: an fsync takes about half a millisecond, a client waits 30 s at the most.
const BUCKETS: [f64; 10] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 30.0,
];

const KINDS: [ErrorKind; 5] = [
    ErrorKind::Invalid,
    ErrorKind::Rejected,
    ErrorKind::Unavailable,
    ErrorKind::Saturated,
    ErrorKind::Config,
];
