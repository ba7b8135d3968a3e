//! The broker: how it is reached, what its streams are like, and whether the start may go on.

mod care;
mod looked;
mod options;
mod proof;
mod reached;
mod topology;

pub use options::nats_context_dir;
pub use reached::{Reached, reach};

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::Context;
use events_core::subject::Routes;
use sink_jetstream::{Config, ConnectionState, JetStreamSink, Mode, NatsPublisher};
use streams::history::History;
use streams::{StreamsError, Topology};
use tokio::sync::watch;
use tracing::info;

use self::care::Care;
pub(crate) use self::looked::Looked;
use crate::exit::{Exit, Failure};
use crate::settings::{MessageMode, Settings, StreamsMode};

/// A broker, connected or not, and what is known of it.
#[derive(Clone, Debug)]
pub(crate) struct Broker {
    /// What publishes to it.
    pub(crate) sink: JetStreamSink,
    context: Context,
    topology: Topology,
    state: watch::Receiver<ConnectionState>,
    looked: watch::Receiver<Option<Looked>>,
}

impl Broker {
    /// Begins to connect and to look after the streams. That the broker is away is no error,
    /// unless the settings make it one.
    ///
    /// # Errors
    /// [`Exit::Config`] for what can never work, and for streams that must be proved and cannot
    /// be; [`Exit::Unreachable`] where the broker must be there and is not.
    pub(crate) async fn open(settings: &Settings, routes: &Arc<Routes>) -> Result<Self, Failure> {
        let options = options::options(settings)?;
        let (topology, policy) = topology::topology(settings, routes)?;
        let connection = sink_jetstream::connect(&options).await.map_err(|error| {
            Failure::new(Exit::Config, "prepare the connection to the broker").because(error)
        })?;
        let state = connection.state.clone();
        let context = connection.jetstream(&options);
        let publisher = NatsPublisher::new(connection, &options);
        let publisher = publisher.await.map_err(|error| {
            Failure::new(Exit::Config, "prepare the connection to the broker").because(error)
        })?;
        let sink = JetStreamSink::from_publisher(
            Arc::new(publisher),
            Arc::clone(routes),
            config(settings),
        );
        let care = Care {
            context: context.clone(),
            topology: topology.clone(),
            policy,
            mode: settings.streams.mode,
        };
        let (tell, looked) = watch::channel(None);
        let broker = Self {
            sink,
            context,
            topology,
            state: state.clone(),
            looked,
        };
        proof::prove(settings, &broker, &care).await?;
        if settings.streams.mode != StreamsMode::Off {
            tokio::spawn(care.run(state.clone(), tell));
            broker.settle().await;
        }
        tokio::spawn(observe(broker.sink.clone(), state));
        Ok(broker)
    }

    /// Whether there is a connection.
    pub(crate) fn is_connected(&self) -> bool {
        self.state.borrow().connected
    }

    /// Whether there is a connection, or will be within the time given.
    pub(crate) async fn connects_within(&self, patience: Duration) -> bool {
        let mut state = self.state.clone();
        let connected = state.wait_for(|state| state.connected);
        let found = tokio::time::timeout(patience, connected).await;
        matches!(found, Ok(Ok(_)))
    }

    /// Waits until there is a connection. False where there will be none any more.
    pub(crate) async fn connects(&self) -> bool {
        let mut state = self.state();
        state.wait_for(|state| state.connected).await.is_ok()
    }

    /// The connection's state, from now on.
    pub(crate) fn state(&self) -> watch::Receiver<ConnectionState> {
        self.state.clone()
    }

    /// Why there is none, in words.
    pub(crate) fn trouble(&self) -> Option<String> {
        let state = self.state.borrow();
        let known = state.last_error.as_ref().map(ToString::to_string);
        let unknown = || "no connection yet".to_owned();
        (!state.connected).then(|| known.unwrap_or_else(unknown))
    }

    /// Waits until the client gives up for good: its attempts ran out, or it broke down. Never
    /// comes about by an outage alone.
    pub(crate) async fn gone(&self) -> String {
        let mut state = self.state.clone();
        // An error means that whoever told of the state is gone, which is the same.
        let _told = state.wait_for(|state| state.closed).await;
        self.trouble().unwrap_or_default()
    }

    /// What its streams hold, those that are there.
    ///
    /// # Errors
    /// Where the broker cannot be asked.
    pub(crate) async fn history(&self) -> Result<History, StreamsError> {
        let (history, _missing) = History::of(&self.context, &self.topology).await?;
        Ok(history)
    }

    /// What is known of the streams, once they were looked at, and whether they are still so for
    /// all that is known.
    pub(crate) fn looked(&self) -> Option<(Looked, bool)> {
        let looked = self.looked.borrow().clone()?;
        let is_present = looked.is_present(&self.state.borrow());
        Some((looked, is_present))
    }

    /// Gives a broker that is there a moment to be found, so that the first events find streams.
    /// One that is away holds up nothing: events wait on disk.
    async fn settle(&self) {
        let mut state = self.state.clone();
        let mut looked = self.looked.clone();
        let settled = async {
            let known = |state: &ConnectionState| state.connected || state.last_error.is_some();
            let connected = state
                .wait_for(known)
                .await
                .is_ok_and(|state| state.connected);
            if connected && looked.wait_for(Option::is_some).await.is_ok() {
                info!("connected to the broker");
            }
        };
        // Patience that runs out is the same as a broker that is away.
        tokio::time::timeout(A_MOMENT, settled).await.ok();
    }
}

/// Looks at the breaker at every change of the connection, so that each counts, also while
/// nothing is delivered.
async fn observe(sink: JetStreamSink, mut state: watch::Receiver<ConnectionState>) {
    loop {
        sink.observe();
        if state.changed().await.is_err() {
            return;
        }
    }
}

/// How events are published.
pub(crate) fn config(settings: &Settings) -> Config {
    let nats = &settings.nats;
    Config {
        window: nats.max_inflight,
        window_timeout: nats.ack_timeout,
        ack_timeout: nats.ack_timeout,
        lookup_timeout: nats.ack_timeout.min(LOOKUP),
        reconnect_wait: nats.reconnect_wait,
        reconnect_max_wait: nats.reconnect_max_wait,
        mode: match nats.mode {
            MessageMode::Structured => Mode::Structured,
            MessageMode::Binary => Mode::Binary,
        },
        ..Config::default()
    }
}

/// How long the broker may take to say which stream captures a subject.
const LOOKUP: Duration = Duration::from_secs(1);

const A_MOMENT: Duration = Duration::from_millis(500);
