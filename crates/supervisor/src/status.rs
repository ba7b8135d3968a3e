use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use events_http::{Readiness, Status};
use events_runtime::Emitter;
use serde_json::{Value, json};
use sink_jsonl::State;

use crate::compose::Chain;
use crate::metrics::Metrics;

/// How the daemon is, told from what is known already.
#[derive(Debug)]
pub(crate) struct Health {
    chain: Chain,
    emitter: Emitter,
    metrics: Arc<Metrics>,
    phase: AtomicU8,
}

/// Where the daemon is in its life.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Phase {
    /// Not everything is up yet.
    Starting = 0,
    /// Events are accepted.
    Running = 1,
    /// No more events are accepted; those that were are finished.
    Stopping = 2,
}

impl Health {
    /// The health of a daemon that is starting.
    #[must_use]
    pub(crate) fn new(chain: Chain, emitter: Emitter, metrics: Arc<Metrics>) -> Self {
        Self {
            chain,
            emitter,
            metrics,
            phase: AtomicU8::new(Phase::Starting as u8),
        }
    }

    /// Says that the daemon has come to `phase`.
    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Release);
    }

    fn is(&self, phase: Phase) -> bool {
        self.phase.load(Ordering::Acquire) == phase as u8
    }

    /// What the journal is in trouble with, if it is.
    fn storage_trouble(&self) -> Option<String> {
        match self.chain.journal.as_ref()?.status().state {
            State::Ok => None,
            State::Failed { reason } => Some(format!("the journal refuses events: {reason}")),
            _ => Some("the journal is closed".to_owned()),
        }
    }

    fn journal(&self) -> Option<Value> {
        let status = self.chain.journal.as_ref()?.status();
        let state = if self.storage_trouble().is_some() {
            "failed"
        } else {
            "ok"
        };
        Some(json!({
            "state": state,
            "segments": status.segments,
            "bytes": status.bytes,
            "oldest_age_s": status.oldest_age.map(|age| age.as_secs()),
        }))
    }
}

impl Status for Health {
    fn started(&self) -> bool {
        !self.is(Phase::Starting)
    }

    fn readiness(&self) -> Readiness {
        let mut degraded = Vec::new();
        if self.is(Phase::Starting) {
            degraded.push("starting".to_owned());
        }
        if self.is(Phase::Stopping) {
            degraded.push("stopping".to_owned());
        }
        degraded.extend(self.storage_trouble());
        Readiness {
            ready: degraded.is_empty(),
            degraded,
        }
    }

    fn status(&self) -> Value {
        let load = self.emitter.load();
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "stack": self.chain.sink.to_string(),
            "breaker": null,
            "nats": null,
            "spool": {"waiting": 0, "set_aside": 0, "dead": 0, "bytes": 0, "oldest_age_s": 0},
            "signer": self.chain.signer.as_ref().map(|signer| json!(signer.status())),
            "journal": self.journal(),
            "emitter": {"events": load.events, "bytes": load.bytes},
            "counters": self.metrics.counts(),
            "streams": [],
        })
    }

    fn metrics(&self) -> String {
        self.metrics.render()
    }

    fn jwks(&self) -> String {
        match &self.chain.signer {
            Some(signer) => signer.public_keys().to_jwks(),
            None => r#"{"keys":[]}"#.to_owned(),
        }
    }
}
