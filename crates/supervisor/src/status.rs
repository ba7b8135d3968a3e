use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use events_bus::Bus;
use events_http::{Readiness, Status};
use events_runtime::{Emitter, Load};
use serde_json::{Value, json};
use sink_jsonl::State;

use crate::broker::Broker;
use crate::chain::Chain;
use crate::heard;
use crate::metrics::{Counts, Metrics};
use crate::readiness::{Bounds, durable};
use crate::settings::SinkKind;
use crate::sinks;
use crate::spool::Waiting;

/// How the daemon is, told from what is known already.
#[derive(Debug)]
pub(crate) struct Health {
    chain: Chain,
    bus: Bus,
    emitter: Emitter,
    metrics: Arc<Metrics>,
    bounds: Bounds,
    phase: AtomicU8,
    begun: Instant,
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
        bus: Bus,
        emitter: Emitter,
        metrics: Arc<Metrics>,
        bounds: Bounds,
    ) -> Self {
        Self {
            chain,
            bus,
            emitter,
            metrics,
            bounds,
            phase: AtomicU8::new(Phase::Starting as u8),
            begun: Instant::now(),
        }
    }

    /// Says that the daemon has come to `phase`.
    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Release);
    }

    /// How much is in the emitter's care.
    pub(crate) fn load(&self) -> Load {
        self.emitter.load()
    }

    /// How long it has been up.
    pub(crate) fn uptime(&self) -> Duration {
        self.begun.elapsed()
    }

    fn is(&self, phase: Phase) -> bool {
        self.phase.load(Ordering::Acquire) == phase as u8
    }

    fn breaker(&self) -> Option<Value> {
        let broker = self.chain.broker.as_ref()?;
        let mut state = json!(broker.sink.debug_state());
        let why = broker.trouble();
        if let (Some(reason @ Value::Null), Some(why)) = (state.get_mut("reason"), why) {
            *reason = why.into();
        }
        Some(state)
    }

    fn nats(&self) -> Option<Value> {
        let broker = self.chain.broker.as_ref()?;
        serde_json::to_value(broker.sink.status().nats).ok()
    }

    fn spool(&self) -> Value {
        sinks::spooled(&self.chain.spools())
    }

    /// How the streams are, or were when they could last be looked at.
    fn streams(&self) -> Vec<Value> {
        let Some((looked, is_present)) = self.chain.broker.as_ref().and_then(Broker::looked) else {
            return Vec::new();
        };
        let report = |report| {
            let mut report = json!(report);
            if let Some(fields) = report.as_object_mut() {
                fields.insert("last_known".to_owned(), (!is_present).into());
                fields.insert("age_s".to_owned(), looked.age().as_secs().into());
            }
            report
        };
        looked.found().iter().map(report).collect()
    }

    /// What the daemon counted, with what its sinks did.
    fn counts(&self) -> Counts {
        let mut counts = self.metrics.counts();
        for Waiting { sink, dlq, .. } in self.chain.spools() {
            counts.redriven += dlq.counters().redriven;
            // The broker counts its own, redriven or not.
            if sink != SinkKind::JetStream.as_str() {
                counts.duplicates += dlq.counters().duplicates;
            }
        }
        if let Some(broker) = &self.chain.broker {
            counts.duplicates += broker.sink.status().counters.duplicates;
        }
        counts
    }

    fn journal(&self) -> Option<Value> {
        let status = self.chain.journal.as_ref()?.status();
        let (state, reason) = match status.state {
            State::Ok => ("ok", None),
            State::Failed { reason } => ("failed", Some(reason)),
            _ => ("closed", None),
        };
        Some(json!({
            "state": state,
            "reason": reason,
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
        let (durable, troubles) = durable(&self.chain, self.bounds);
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
            "sinks": sinks::sinks(&self.chain),
            "kubernetes": sinks::kubernetes(&self.chain),
            "signer": self.chain.signer.as_ref().map(|signer| json!(signer.status())),
            "journal": self.journal(),
            "bus": heard::status(&self.bus),
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
