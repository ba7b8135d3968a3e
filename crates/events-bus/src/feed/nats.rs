use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_nats::{Client, Event, Message, Statistics};
use async_trait::async_trait;
use events_core::subject::{Subject, SubjectPattern};
use events_core::{ErrorKind, SinkError, WireEvent};
use futures::stream::{self, BoxStream, StreamExt as _};
use tokio::time::timeout;

use super::{Fed, Feed};
use crate::Heard;

/// Brings what is published on a NATS server, by plain subscriptions: as fast as it gets, and for
/// nobody who was not there. After each reconnect a break is told.
///
/// The client's login must be allowed to publish to its own inboxes and to subscribe to them: that
/// is how the feed knows that the server has its subscription. Whoever may publish to a subject is
/// heard on it: let the server's accounts say who may, or check signatures.
///
/// A client that hands messages over more slowly than they come drops them;
/// [`subscription_capacity`](async_nats::ConnectOptions::subscription_capacity) says how many it
/// holds. It says so in its own events alone: give those to [`NatsDrops`], and the feed tells a
/// break. What must be complete is read from the streams.
#[derive(Clone, Debug)]
pub struct NatsFeed {
    client: Client,
    drops: NatsDrops,
}

/// How often a client dropped messages of a slow subscription. Clones share the count.
///
/// It is made before the client: `options.event_callback(…)` gives it the client's events.
#[derive(Clone, Debug, Default)]
pub struct NatsDrops(Arc<AtomicU64>);

impl NatsDrops {
    /// Takes note of an event of the client.
    pub fn note(&self, event: &Event) {
        if matches!(event, Event::SlowConsumer(_)) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl NatsFeed {
    /// A feed of what `client` is connected to, which knows nothing of what the client drops.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self::telling(client, NatsDrops::default())
    }

    /// The same, which tells a break where the client dropped something, before the next message.
    #[must_use]
    pub fn telling(client: Client, drops: NatsDrops) -> Self {
        Self { client, drops }
    }

    /// Waits until the server has seen all that was sent so far: a message to an inbox of one's own
    /// comes back behind it.
    async fn round_trip(&self) -> Result<(), SinkError> {
        let inbox = self.client.new_inbox();
        let mut echo = self
            .client
            .subscribe(inbox.clone())
            .await
            .map_err(unavailable)?;
        let asked = self.client.publish(inbox, "".into()).await;
        asked.map_err(unavailable)?;
        match timeout(PATIENCE, echo.next()).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) | Err(_) => Err(SinkError::new(ErrorKind::Unavailable, SUBSCRIBING)),
        }
    }
}

#[async_trait]
impl Feed for NatsFeed {
    async fn follow(&self, pattern: &SubjectPattern) -> Result<BoxStream<'static, Fed>, SinkError> {
        let mut breaks = Breaks::of(self);
        let subscribed = self.client.subscribe(pattern.as_str().to_owned()).await;
        let messages = subscribed.map_err(unavailable)?;
        self.round_trip().await?;
        let fed = messages.flat_map(move |message| {
            let broke = breaks.is_news().then_some(Fed::Break);
            stream::iter(broke.into_iter().chain([read(message)]))
        });
        Ok(fed.boxed())
    }
}

fn read(message: Message) -> Fed {
    let subject: Result<Subject, _> = message.subject.as_str().parse();
    match (subject, WireEvent::from_bytes(message.payload)) {
        (Ok(subject), Ok(event)) => Fed::Event(Heard::new(subject, event)),
        _ => Fed::Undecodable,
    }
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> SinkError {
    SinkError::caused(ErrorKind::Unavailable, SUBSCRIBING, error)
}

/// What may have cost messages, counted: connections one after another, and drops.
struct Breaks {
    statistics: Arc<Statistics>,
    drops: NatsDrops,
    known: (u64, u64),
}

impl Breaks {
    fn of(feed: &NatsFeed) -> Self {
        let mut breaks = Self {
            statistics: feed.client.statistics(),
            drops: feed.drops.clone(),
            known: (0, 0),
        };
        breaks.is_news();
        breaks
    }

    /// Whether there was another since this was asked last.
    fn is_news(&mut self) -> bool {
        let connects = self.statistics.connects.load(Ordering::Relaxed);
        let now = (connects, self.drops.0.load(Ordering::Relaxed));
        std::mem::replace(&mut self.known, now) != now
    }
}

const SUBSCRIBING: &str = "subscribe on the NATS server";
/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
