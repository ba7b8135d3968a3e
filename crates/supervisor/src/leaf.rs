use std::sync::Arc;
use std::time::Duration;

use events_core::subject::Routes;
use events_core::{EventSink, NoopSink};
use sink_jsonl::{Journal, JsonlSink};
use tracing::warn;

use crate::broker::Broker;
use crate::exit::Failure;
use crate::journal;
use crate::settings::{OnConnectFail, Settings, SinkKind};

/// Where a chain ends.
pub(crate) struct Leaf {
    pub(crate) sink: Arc<dyn EventSink>,
    pub(crate) journal: Option<Journal>,
    pub(crate) broker: Option<Broker>,
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
            Ok(forgetful())
        }
        SinkKind::JetStream => {
            let broker = Broker::open(settings, routes).await?;
            if settings.nats.on_connect_fail == OnConnectFail::Noop
                && !broker.connects_within(settings.nats.connect_timeout).await
            {
                tokio::spawn(remind());
                return Ok(forgetful());
            }
            Ok(Leaf {
                sink: Arc::new(broker.sink.clone()),
                journal: None,
                broker: Some(broker),
                forgets: false,
            })
        }
        SinkKind::Journal | SinkKind::Store | SinkKind::Log => {
            let journal = journal::open(settings)?;
            Ok(Leaf {
                sink: Arc::new(JsonlSink::new(journal.clone())),
                journal: Some(journal),
                broker: None,
                forgets: false,
            })
        }
    }
}

fn forgetful() -> Leaf {
    Leaf {
        sink: Arc::new(NoopSink),
        journal: None,
        broker: None,
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
