use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use events_core::subject::Routes;
use events_core::{Draft, ErrorKind, EventSink, Outcome, SinkError, WireEvent, each};
use tokio::time::{Instant, sleep, timeout};

use crate::core::Core;
use crate::delivery;
use crate::nats::NatsPublisher;
use crate::status::{Fault, NatsStatus};
use crate::{BreakerState, Config, ConnectOptions, LinkState, Publisher, Status, connect};

/// A sink that ends in JetStream: resolves subjects, publishes, and takes nobody's word but the
/// stream's. A clone shares everything.
#[derive(Clone, Debug)]
pub struct JetStreamSink {
    core: Arc<Core>,
}

impl JetStreamSink {
    /// A sink over a publisher of one's own.
    #[must_use]
    pub fn from_publisher(
        publisher: Arc<dyn Publisher>,
        routes: Arc<Routes>,
        config: Config,
    ) -> Self {
        Self {
            core: Arc::new(Core::new(publisher, routes, config)),
        }
    }

    /// A sink over a connection, which is made in the background: a broker that is away is no
    /// error, and events are `Unavailable` until it is there.
    ///
    /// # Errors
    /// `Config` where the options can never work.
    ///
    /// # Panics
    /// Outside a Tokio runtime with I/O and time enabled.
    pub async fn connect(
        options: ConnectOptions,
        routes: Arc<Routes>,
        config: Config,
    ) -> Result<Self, SinkError> {
        let connection = connect(&options)
            .await
            .map_err(|error| SinkError::caused(ErrorKind::Config, "connect to jetstream", error))?;
        let publisher = NatsPublisher::new(connection, &options)
            .await
            .map_err(|error| SinkError::caused(ErrorKind::Config, "connect to jetstream", error))?;
        Ok(Self::from_publisher(Arc::new(publisher), routes, config))
    }

    /// Whether events are published, and why not.
    #[must_use]
    pub fn debug_state(&self) -> BreakerState {
        let state = self.state();
        self.core.transitions.note(&state);
        state
    }

    /// Looks at the breaker, so that it counts where its state became another. For whoever hears
    /// of the connection; deliveries do it themselves.
    pub fn observe(&self) {
        self.core.transitions.note(&self.state());
    }

    fn state(&self) -> BreakerState {
        let link = self.core.look();
        if let LinkState::Refused { reason } = link.state {
            let reason = format!("the broker lets nobody in: {reason}");
            return BreakerState::Config { reason };
        }
        let waiting = self.core.gate.waiting(Instant::now().into_std());
        // Nothing may have been sent since the connection was lost, or before there was one.
        let away = || (link.state != LinkState::Up).then_some((0, Duration::ZERO));
        if let Some((attempt, next_after)) = waiting.or_else(away) {
            return BreakerState::Reconnecting {
                attempt,
                next_after,
            };
        }
        let mistakes = self.core.faults.mistakes().into_iter();
        match mistakes.map(|(_, reason)| reason).next() {
            Some(reason) => BreakerState::Config { reason },
            None => BreakerState::Connected,
        }
    }

    /// How the sink is doing.
    #[must_use]
    pub fn status(&self) -> Status {
        let Core {
            config,
            window,
            faults,
            counters,
            transitions,
            ..
        } = &*self.core;
        let link = self.core.look();
        let mistakes = faults.mistakes().into_iter();
        Status {
            breaker: self.debug_state(),
            nats: NatsStatus {
                connected: link.is_up(),
                server: link.server.as_deref().map(str::to_owned),
                version: link.version.as_deref().map(str::to_owned),
            },
            in_flight: config.window.saturating_sub(window.available_permits()),
            counters: counters.now(),
            transitions: transitions.counts(),
            connections: link.generation,
            faults: mistakes
                .map(|(subject, reason)| Fault { subject, reason })
                .collect(),
        }
    }

    /// Waits until there is a connection and the breaker would let an event through, and says
    /// whether that came `within` the time given.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub async fn wait_connected(&self, within: Duration) -> bool {
        let connected = async {
            while !self.is_ready() {
                sleep(BETWEEN_LOOKS).await;
            }
        };
        timeout(within, connected).await.is_ok()
    }

    fn is_ready(&self) -> bool {
        let now = Instant::now().into_std();
        let waiting = |(_, next_after): (u32, Duration)| !next_after.is_zero();
        self.core.look().is_up() && !self.core.gate.waiting(now).is_some_and(waiting)
    }
}

#[async_trait]
impl EventSink for JetStreamSink {
    fn prepare(&self, drafts: &mut [Draft]) {
        each(drafts, |event| {
            let route = self.core.routes.route_of(event);
            route.map(drop).map_err(SinkError::invalid)
        });
    }

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        let results = delivery::deliver(&self.core, events).await;
        // What came of it may have made the state another.
        self.observe();
        results
    }
}

impl fmt::Display for JetStreamSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("jetstream")
    }
}

/// How often a connection is looked for while somebody waits for it.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
