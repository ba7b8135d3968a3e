//! A composed chain: where it ends, what waits for its sinks, and how it is held and closed.

use std::sync::Arc;
use std::time::Duration;

use events_bus::Bus;
use events_core::{EventSink, chained};
use events_runtime::{Fanout, Need};
use sink_dlq::Dlq;
use sink_jsonl::Journal;
use sink_jsonl::history::History;
use sink_k8s::K8sSink;
use sink_redact::Redactor;
use sink_sign::Signer;
use sink_store::Store;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{error, warn};

use crate::archive::{Archive, Place};
use crate::broker::Broker;
use crate::compose::routes;
use crate::plan::{Branch, End};
use crate::settings::{Settings, SinkKind};
use crate::spool::Waiting;

/// The chain, and the parts of it that tell how they are.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// The whole stack.
    pub(crate) sink: Arc<dyn EventSink>,
    /// Where it ends, the most important first.
    pub(crate) lanes: Vec<Lane>,
    /// Its journal, where it ends in one.
    pub(crate) journal: Option<Journal>,
    /// The journal beside its end, where it has one.
    pub(crate) mirror: Option<Journal>,
    /// The broker, where it ends in one.
    pub(crate) broker: Option<Broker>,
    /// The store, where it ends in one.
    pub(crate) store: Option<Store>,
    /// What tells Kubernetes of its events, where that is done.
    pub(crate) kubernetes: Option<K8sSink>,
    /// Its fan-out, where it ends in several sinks.
    pub(crate) fanout: Option<Fanout>,
    /// Its redactor, where it has one.
    pub(crate) redactor: Option<Arc<Redactor>>,
    /// Its signer, where it has one.
    pub(crate) signer: Option<Arc<Signer>>,
}

/// One of the ways a chain ends.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    pub(crate) branch: Branch,
    /// Whether its sink keeps events.
    pub(crate) keeps: bool,
    /// Its spool, where it has one.
    pub(crate) dlq: Option<Dlq>,
}

impl Chain {
    /// What it stored, where that can be read, with what `bus` hears of it.
    pub(crate) fn archive(&self, settings: &Settings, bus: &Bus) -> Option<Archive> {
        let kept = [SinkKind::JetStream, SinkKind::Journal, SinkKind::Store].into_iter();
        // What has every event comes before what may have holes.
        let need = |kind: &SinkKind| match self.need(*kind) {
            Some(Need::Required) => 0,
            Some(Need::OneOf) => 1,
            Some(Need::BestEffort) | None => 2,
        };
        let mut kept: Vec<SinkKind> = kept.collect();
        kept.sort_by_key(need);
        let mut places = kept
            .into_iter()
            .filter_map(|kind| self.place(kind, settings));
        let place = places.next()?;
        Some(Archive::new(place, bus.clone()))
    }

    /// Where a sink of this `kind` keeps events, where it is there.
    fn place(&self, kind: SinkKind, settings: &Settings) -> Option<Place> {
        match kind {
            SinkKind::JetStream => {
                let broker = self.broker.clone()?;
                Some(Place::Streams(Arc::new(broker)))
            }
            SinkKind::Journal => {
                self.journal.as_ref()?;
                let routes = routes(settings).ok()?;
                Some(Place::Journal(History::new(settings.journal_dir(), routes)))
            }
            SinkKind::Store => {
                let store = self.store.clone()?;
                let routes = routes(settings).ok()?;
                Some(Place::Store(sink_store::History::new(store, routes)))
            }
            SinkKind::Log | SinkKind::Noop => None,
        }
    }

    /// How much a sink of this `kind` is needed, where it is there.
    fn need(&self, kind: SinkKind) -> Option<Need> {
        let mut lanes = self.lanes.iter();
        let lane = lanes.find(|lane| lane.branch.end == End::Sink(kind));
        lane.map(|lane| lane.branch.need)
    }

    /// Where it ends, as metrics name it: whose receipt an event gets.
    pub(crate) fn end(&self) -> &'static str {
        let keeping = || self.lanes.iter().filter(|lane| lane.keeps);
        let first = |need| keeping().find(|lane| lane.branch.need == need);
        let first = first(Need::Required).or_else(|| first(Need::OneOf));
        first.map_or("noop", |lane| lane.branch.end.name())
    }

    /// What waits for its sinks, in the order of the records' ids.
    pub(crate) fn spools(&self) -> Vec<Waiting> {
        let waiting = |lane: &Lane| {
            Some(Waiting {
                sink: lane.branch.end.name(),
                dlq: lane.dlq.clone()?,
                ids_after: lane.branch.spool.as_ref()?.ids_after,
            })
        };
        let mut spools: Vec<Waiting> = self.lanes.iter().filter_map(waiting).collect();
        spools.sort_by_key(|waiting| waiting.ids_after);
        spools
    }

    /// Whether an event's fate has to do with a sink of this `kind`.
    pub(crate) fn needs(&self, kind: SinkKind) -> bool {
        self.need(kind).is_some_and(|need| need != Need::BestEffort)
    }

    /// What a node of this chain can do, in words.
    pub(crate) fn capabilities(&self, settings: &Settings) -> Vec<String> {
        let sinks = self.lanes.iter().map(|lane| lane.branch.end.name());
        let has = |name: &'static str, is_there: bool| is_there.then_some(name);
        let parts = [
            has("http", true),
            has("stdin", settings.stdin),
            has("redact", self.redactor.is_some()),
            has("sign", self.signer.is_some()),
            has("spool", !self.spools().is_empty()),
        ];
        let all = sinks.chain(parts.into_iter().flatten());
        all.map(str::to_owned).collect()
    }

    /// Every journal it writes.
    pub(crate) fn journals(&self) -> impl Iterator<Item = &Journal> {
        self.journal.iter().chain(&self.mirror)
    }

    /// Gives up on sinks that do not answer, some time from now, so that a stop is quick: what is
    /// left goes to their spools. Not any more once the returned guard is dropped.
    pub(crate) fn hold_after(&self, patience: Duration) -> JoinSet<()> {
        let away = |lane: &&Lane| lane.branch.end.can_be_away();
        let dlqs = self.lanes.iter().filter(away);
        let dlqs: Vec<Dlq> = dlqs.filter_map(|lane| lane.dlq.clone()).collect();
        let mut waiting = JoinSet::new();
        waiting.spawn(async move {
            tokio::time::sleep(patience).await;
            dlqs.iter().for_each(Dlq::hold);
        });
        waiting
    }

    /// Waits for what is still on its way, a part of `patience` at most, and closes spools, store and
    /// journals. Whether all of them closed well.
    pub(crate) async fn close(&self, patience: Duration) -> bool {
        let mut well = true;
        let settled = async {
            if let Some(fanout) = &self.fanout {
                fanout.settled().await;
            }
        };
        if timeout(patience / 4, settled).await.is_err() {
            warn!("a best-effort sink did not take everything in time");
        }
        for Waiting { sink, dlq, .. } in self.spools() {
            if let Err(error) = dlq.close().await {
                error!(sink, error = %chained(&error), "the spool did not close well");
                well = false;
            }
        }
        if let Some(store) = &self.store {
            // What it did not take is in its spool, or was answered with an error, or not needed.
            match timeout(patience / 4, store.close()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => warn!(error = %chained(&error), "the store did not close well"),
                Err(_) => warn!("the store did not close in time"),
            }
        }
        if let Some(kubernetes) = &self.kubernetes
            && timeout(patience / 8, kubernetes.flush()).await.is_err()
        {
            warn!("Kubernetes was not told of everything in time");
        }
        for journal in self.journals() {
            if let Err(error) = journal.close().await {
                error!(error = %chained(&error), "the journal did not close well");
                well = false;
            }
        }
        well
    }
}
