use std::sync::Arc;
use std::time::Duration;

use events_core::subject::Routes;
use events_core::{EventSink, NoopSink};
use sink_jsonl::{Journal, JsonlSink};
use sink_log::LogSink;
use sink_store::{Store, StoreSink};
use tracing::warn;

use crate::broker::Broker;
use crate::exit::Failure;
use crate::plan::End;
use crate::settings::{OnConnectFail, Settings, SinkKind};
use crate::{journal, store};

/// Everything a chain ends in, opened.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    pub(crate) journal: Option<Journal>,
    pub(crate) mirror: Option<Journal>,
    pub(crate) broker: Option<Broker>,
    pub(crate) store: Option<Store>,
}

/// Where a branch of a chain ends.
pub(crate) struct Leaf {
    pub(crate) sink: Arc<dyn EventSink>,
    /// Whether it keeps events. No spool stands before one that forgets: what is redriven into it
    /// is gone.
    pub(crate) keeps: bool,
}

impl Ends {
    /// Opens what a branch ends in.
    ///
    /// # Errors
    /// What cannot be opened, and a broker that must be there and is not.
    pub(crate) async fn open(
        &mut self,
        settings: &Settings,
        routes: &Arc<Routes>,
        end: &End,
    ) -> Result<Leaf, Failure> {
        let kind = match end {
            End::Sink(kind) => kind,
            End::Mirror(dir) => {
                let mirror = self.mirror.insert(journal::mirror(settings, dir)?);
                return Ok(keeping(JsonlSink::new(mirror.clone())));
            }
        };
        match kind {
            SinkKind::Noop => Ok(forgetful(NoopSink)),
            SinkKind::Log => Ok(forgetful(LogSink::default())),
            SinkKind::JetStream => {
                let broker = Broker::open(settings, routes).await?;
                if settings.nats.on_connect_fail == OnConnectFail::Noop
                    && !broker.connects_within(settings.nats.connect_timeout).await
                {
                    tokio::spawn(remind());
                    return Ok(forgetful(NoopSink));
                }
                let broker = self.broker.insert(broker);
                Ok(keeping(broker.sink.clone()))
            }
            SinkKind::Store => {
                let store = self.store.insert(store::open(settings)?);
                Ok(keeping(StoreSink::new(store.clone())))
            }
            SinkKind::Journal => {
                let journal = self.journal.insert(journal::open(settings)?);
                Ok(keeping(JsonlSink::new(journal.clone())))
            }
        }
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
