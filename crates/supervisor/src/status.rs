use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use events_http::{Readiness, Status};
use events_runtime::Emitter;
use serde_json::{Value, json};
use sink_dlq::Dlq;
use sink_jetstream::BreakerState;
use sink_jsonl::State;

use crate::broker::Broker;
use crate::compose::Chain;
use crate::dead_letters::totals;
use crate::metrics::{Counts, Metrics};
use crate::settings::ReadyRequires;

/// How the daemon is, told from what is known already.
#[derive(Debug)]
pub(crate) struct Health {
    chain: Chain,
    emitter: Emitter,
    metrics: Arc<Metrics>,
    bounds: Bounds,
    phase: AtomicU8,
}

/// What readiness is held against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// What it asks for.
    pub(crate) ready: ReadyRequires,
    /// How long an event may wait in the spool.
    pub(crate) waiting: Duration,
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
    pub(crate) fn new(
        chain: Chain,
        emitter: Emitter,
        metrics: Arc<Metrics>,
        bounds: Bounds,
    ) -> Self {
        Self {
            chain,
            emitter,
            metrics,
            bounds,
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

    /// Whether an event would be durable now, and what keeps it from being so.
    fn durable(&self) -> (bool, Vec<String>) {
        let Chain {
            journal,
            broker,
            dlq,
            ..
        } = &self.chain;
        let mut degraded = Vec::new();
        let mut takers = 0;
        if let Some(broker) = broker {
            match (broker.trouble(), broker.sink.debug_state()) {
                (Some(why), _) => degraded.push(format!("the broker is away: {why}")),
                (None, BreakerState::Reconnecting { .. }) => {
                    degraded.push("the broker does not answer".to_owned());
                }
                (None, BreakerState::Config { reason }) => {
                    takers += 1;
                    degraded.push(reason);
                }
                (None, BreakerState::Connected) => takers += 1,
            }
        }
        if let Some(journal) = journal {
            match journal.status().state {
                State::Ok => takers += 1,
                State::Failed { reason } => {
                    degraded.push(format!("the journal refuses events: {reason}"));
                }
                _ => degraded.push("the journal is closed".to_owned()),
            }
        }
        if let Some(dlq) = dlq {
            let spool = dlq.status().spool;
            if let Some(age) = spool.oldest_age.filter(|age| *age > self.bounds.waiting) {
                let age = humantime::format_duration(Duration::from_secs(age.as_secs()));
                degraded.push(format!("an event has waited for {age}"));
            }
            match spool.state {
                sink_dlq::State::Ok => takers += 1,
                sink_dlq::State::Failed { reason } => {
                    degraded.push(format!("the spool refuses events: {reason}"));
                }
                _ => degraded.push("the spool is closed".to_owned()),
            }
        }
        let forgets = broker.is_none() && journal.is_none();
        let by_rule = match (self.bounds.ready, broker) {
            (ReadyRequires::Broker, Some(broker)) => broker.is_connected(),
            (ReadyRequires::Broker | ReadyRequires::Durable, _) => true,
        };
        ((takers > 0 || forgets) && by_rule, degraded)
    }

    fn breaker(&self) -> Option<Value> {
        let state = self.chain.broker.as_ref()?.sink.debug_state();
        serde_json::to_value(state).ok()
    }

    fn nats(&self) -> Option<Value> {
        let broker = self.chain.broker.as_ref()?;
        serde_json::to_value(broker.sink.status().nats).ok()
    }

    fn spool(&self) -> Value {
        let status = self.chain.dlq.as_ref().map(Dlq::status);
        let held = status.as_ref().map(|status| totals(&status.spool));
        let held = held.unwrap_or_default();
        let redriver = status.map(|status| status.redriver.state.as_str());
        json!({
            "waiting": held.waiting,
            "set_aside": held.set_aside,
            "dead": held.dead,
            "bytes": held.bytes,
            "oldest_age_s": held.oldest_age_s,
            "redriver": redriver,
        })
    }

    fn streams(&self) -> Vec<Value> {
        let reports = self.chain.broker.as_ref().map(Broker::reports);
        let reports = reports.unwrap_or_default();
        reports.iter().map(|report| json!(report)).collect()
    }

    /// What the daemon counted, with what its sinks did.
    fn counts(&self) -> Counts {
        let mut counts = self.metrics.counts();
        if let Some(dlq) = &self.chain.dlq {
            counts.redriven = dlq.counters().redriven;
            counts.duplicates = dlq.counters().duplicates;
        }
        if let Some(broker) = &self.chain.broker {
            counts.duplicates = broker.sink.status().counters.duplicates;
        }
        counts
    }

    fn journal(&self) -> Option<Value> {
        let status = self.chain.journal.as_ref()?.status();
        let state = match status.state {
            State::Ok => "ok",
            _ => "failed",
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
        let up = degraded.is_empty();
        let (durable, troubles) = self.durable();
        degraded.extend(troubles);
        Readiness {
            ready: up && durable,
            degraded,
        }
    }

    fn status(&self) -> Value {
        let load = self.emitter.load();
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "stack": self.chain.sink.to_string(),
            "breaker": self.breaker(),
            "nats": self.nats(),
            "spool": self.spool(),
            "signer": self.chain.signer.as_ref().map(|signer| json!(signer.status())),
            "journal": self.journal(),
            "emitter": {"events": load.events, "bytes": load.bytes},
            "counters": self.counts(),
            "streams": self.streams(),
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
