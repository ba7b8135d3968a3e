use std::sync::Arc;
use std::time::Duration;

use events_core::subject::Routes;
use events_core::{EventSink, NoopSink};
use sink_jsonl::{Journal, JsonlSink};
use sink_k8s::K8sSink;
use sink_log::LogSink;
use sink_store::{Store, StoreSink};
use tracing::warn;

use crate::broker::Broker;
use crate::exit::Failure;
use crate::plan::End;
use crate::settings::{OnConnectFail, Settings, SinkKind};
use crate::{journal, kubernetes, store};

/// Everything a chain ends in, opened.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    pub(crate) journal: Option<Journal>,
    pub(crate) mirror: Option<Journal>,
    pub(crate) broker: Option<Broker>,
    pub(crate) store: Option<Store>,
    pub(crate) kubernetes: Option<K8sSink>,
}

/// Where a branch of a chain ends.
pub(crate) struct Leaf {
    pub(crate) sink: Arc<dyn EventSink>,
    /// Whether it keeps events. No spool stands before one that forgets: what is redriven into it
    /// is gone.
    pub(crate) keeps: bool,
}

impl Ends {
    /// Opens what a branch ends in; nothing where it can be done without.
    ///
    /// # Errors
    /// What cannot be opened, and a broker that must be there and is not.
    pub(crate) async fn open(
        &mut self,
        settings: &Settings,
        routes: &Arc<Routes>,
        end: &End,
    ) -> Result<Option<Leaf>, Failure> {
        let kind = match end {
            End::Sink(kind) => kind,
            End::Mirror(dir) => {
                let mirror = self.mirror.insert(journal::mirror(settings, dir)?);
                return Ok(Some(keeping(JsonlSink::new(mirror.clone()))));
            }
            End::Kubernetes => {
                self.kubernetes = kubernetes::open(settings)?;
                return Ok(self.kubernetes.clone().map(forgetful));
            }
        };
        let leaf = match kind {
            SinkKind::Noop => forgetful(NoopSink),
            SinkKind::Log => forgetful(LogSink::default()),
            SinkKind::JetStream => {
                let broker = Broker::open(settings, routes).await?;
                if settings.nats.on_connect_fail == OnConnectFail::Noop
                    && !broker.connects_within(settings.nats.connect_timeout).await
                {
                    tokio::spawn(remind());
                    return Ok(Some(forgetful(NoopSink)));
                }
                let broker = self.broker.insert(broker);
                keeping(broker.sink.clone())
            }
            SinkKind::Store => {
                let store = self.store.insert(store::open(settings)?);
                keeping(StoreSink::new(store.clone()))
            }
            SinkKind::Journal => {
                let journal = self.journal.insert(journal::open(settings)?);
                keeping(JsonlSink::new(journal.clone()))
            }
        };
        Ok(Some(leaf))
    }
}

fn keeping(sink: impl EventSink) -> Leaf {
    Leaf {
        sink: Arc::new(sink),
        keeps: true,
    }
}

fn forgetful(sink: impl EventSink) -> Leaf {
    Leaf {
        sink: Arc::new(sink),
        keeps: false,
    }
}

/// An outage that was chosen to be paid with events must not go unseen.
async fn remind() {
    loop {
        warn!("events are forgotten: the broker was away at the start (CONSIGN_ON_CONNECT_FAIL)");
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
}
