use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_nats::{Client, Message, Statistics};
use async_trait::async_trait;
use events_core::subject::{Subject, SubjectPattern};
use events_core::{ErrorKind, SinkError, WireEvent};
use futures::stream::{self, BoxStream, StreamExt as _};

use super::{Fed, Feed};
use crate::Heard;

/// Brings what is published on a NATS server, by plain subscriptions: as fast as it gets, and for
/// nobody who was not there. After each reconnect a break is told.
///
/// Whoever may publish on the server is heard: let its accounts say who may, or check signatures.
/// A client that hands messages over more slowly than they come drops them, and says so in its own
/// events alone; [`subscription_capacity`](async_nats::ConnectOptions::subscription_capacity) says
/// how many it holds. What must be complete is read from the streams.
#[derive(Clone, Debug)]
pub struct NatsFeed {
    client: Client,
}

impl NatsFeed {
    /// A feed of what `client` is connected to.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

#[async_trait]
impl Feed for NatsFeed {
    async fn follow(&self, pattern: &SubjectPattern) -> Result<BoxStream<'static, Fed>, SinkError> {
        let unavailable = "subscribe on the NATS server";
        let subscribed = self.client.subscribe(pattern.as_str().to_owned()).await;
        let messages =
            subscribed.map_err(|e| SinkError::caused(ErrorKind::Unavailable, unavailable, e))?;
        // The server knows of the subscription once it answers what was sent after it.
        let flushed = self.client.flush().await;
        flushed.map_err(|e| SinkError::caused(ErrorKind::Unavailable, unavailable, e))?;
        let mut connection = Connection::of(&self.client);
        let fed = messages.flat_map(move |message| {
            let broke = connection.is_another().then_some(Fed::Break);
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

/// Which of the connections a client had one after another is known.
struct Connection {
    statistics: Arc<Statistics>,
    number: u64,
}

impl Connection {
    fn of(client: &Client) -> Self {
        let statistics = client.statistics();
        let number = statistics.connects.load(Ordering::Relaxed);
        Self { statistics, number }
    }

    /// Whether it is another than when this was asked last.
    fn is_another(&mut self) -> bool {
        let number = self.statistics.connects.load(Ordering::Relaxed);
        std::mem::replace(&mut self.number, number) != number
    }
}
