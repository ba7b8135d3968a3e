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
use crate::settings::{OnConnectFail, Settings, SinkKind};
use crate::{journal, store};

/// Where a chain ends.
pub(crate) struct Leaf {
    pub(crate) sink: Arc<dyn EventSink>,
    pub(crate) journal: Option<Journal>,
    pub(crate) broker: Option<Broker>,
    pub(crate) store: Option<Store>,
    /// Whether it keeps nothing. No spool stands before it: what is redriven into it is gone.
    pub(crate) forgets: bool,
}

/// Opens the sink of this `kind`.
///
/// # Errors
/// What cannot be opened, and a broker that must be there and is not.
pub(crate) async fn leaf(
    settings: &Settings,
    routes: &Arc<Routes>,
    kind: SinkKind,
) -> Result<Leaf, Failure> {
    match kind {
        SinkKind::Noop => {
            warn!("events are accepted and forgotten: the sink is noop");
            Ok(forgetful(NoopSink))
        }
        SinkKind::Log => {
            warn!("events are logged and forgotten: the sink is log");
            Ok(forgetful(LogSink::default()))
        }
        SinkKind::JetStream => {
            let broker = Broker::open(settings, routes).await?;
            if settings.nats.on_connect_fail == OnConnectFail::Noop
                && !broker.connects_within(settings.nats.connect_timeout).await
            {
                tokio::spawn(remind());
                return Ok(forgetful(NoopSink));
            }
            Ok(Leaf {
                sink: Arc::new(broker.sink.clone()),
                journal: None,
                broker: Some(broker),
                store: None,
                forgets: false,
            })
        }
        SinkKind::Store => {
            let store = store::open(settings)?;
            Ok(Leaf {
                sink: Arc::new(StoreSink::new(store.clone())),
                journal: None,
                broker: None,
                store: Some(store),
                forgets: false,
            })
        }
        SinkKind::Journal => {
            let journal = journal::open(settings)?;
            Ok(Leaf {
                sink: Arc::new(JsonlSink::new(journal.clone())),
                journal: Some(journal),
                broker: None,
                store: None,
                forgets: false,
            })
        }
    }
}

fn forgetful(sink: impl EventSink) -> Leaf {
    Leaf {
        sink: Arc::new(sink),
        journal: None,
        broker: None,
        store: None,
        forgets: true,
    }
}

/// An outage that was chosen to be paid with events must not go unseen.
async fn remind() {
    loop {
        warn!("events are forgotten: the broker was away at the start (CONSIGN_ON_CONNECT_FAIL)");
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
}
