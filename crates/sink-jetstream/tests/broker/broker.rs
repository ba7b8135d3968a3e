use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::{self, Context, stream};
use events_core::subject::Routes;
use events_core::{ErrorKind, Event, EventSinkExt as _, Outcome, Place, SinkError, WireEvent};
use sink_jetstream::{Config, ConnectOptions, JetStreamSink};
use sink_testkit::nats::{MissingBinary, NatsServer};

/// A server, a client beside the sink's, and the stream `EVENTS` over `consign.events.>`.
pub(crate) struct Broker {
    pub(crate) server: NatsServer,
    pub(crate) jetstream: Context,
}

impl Broker {
    /// `None` where there is no server to run.
    pub(crate) async fn start(config: &str) -> Option<Self> {
        let broker = Self::bare(config).await?;
        broker.stream("EVENTS", "consign.events.>").await;
        Some(broker)
    }

    /// The same without the stream.
    pub(crate) async fn bare(config: &str) -> Option<Self> {
        let server = match NatsServer::start_with(config).await {
            Err(error)
                if error
                    .get_ref()
                    .is_some_and(|inner| inner.is::<MissingBinary>()) =>
            {
                // Says so, and fails where it must not be skipped.
                assert!(NatsServer::start_or_skip().await.is_none());
                return None;
            }
            server => server.unwrap(),
        };
        let client = async_nats::connect(server.url()).await.unwrap();
        let jetstream = jetstream::new(client);
        Some(Self { server, jetstream })
    }

    pub(crate) async fn stream(&self, name: &str, subjects: &str) {
        self.stream_with(name, subjects, stream::Config::default())
            .await;
    }

    pub(crate) async fn stream_with(&self, name: &str, subjects: &str, config: stream::Config) {
        let config = stream::Config {
            name: name.to_owned(),
            subjects: vec![subjects.to_owned()],
            ..config
        };
        let created = self.jetstream.create_stream(config).await;
        created.unwrap();
    }

    /// How many messages `stream` holds.
    pub(crate) async fn count(&self, stream: &str) -> u64 {
        let stream = self.jetstream.get_stream(stream).await.unwrap();
        stream.cached_info().state.messages
    }

    pub(crate) fn options(&self) -> ConnectOptions {
        ConnectOptions::new(vec![self.server.url().parse().unwrap()])
    }

    pub(crate) async fn sink(&self) -> JetStreamSink {
        self.sink_with(config()).await
    }

    pub(crate) async fn sink_with(&self, config: Config) -> JetStreamSink {
        let sink = connect(self.options(), config).await;
        assert!(sink.wait_connected(PATIENCE).await);
        sink
    }
}

pub(crate) async fn connect(options: ConnectOptions, config: Config) -> JetStreamSink {
    let routes = Arc::new(Routes::default());
    JetStreamSink::connect(options, routes, config)
        .await
        .unwrap()
}

/// Times short enough for tests, and long enough for a busy machine.
pub(crate) fn config() -> Config {
    Config {
        ack_timeout: Duration::from_secs(3),
        ..Config::default()
    }
}

/// An event that goes to `consign.events.acme.<kind>`.
pub(crate) fn event(kind: &str, id: &str) -> Event {
    let event = Event::builder(id, "/test", kind).extension("tenantid", "acme");
    event.json(r#"{"text":"hello bob"}"#).build().unwrap()
}

pub(crate) fn sealed(
    sink: &JetStreamSink,
    kind: &str,
    ids: std::ops::Range<u32>,
) -> Vec<WireEvent> {
    let events = ids.map(|id| event(kind, &id.to_string())).collect();
    let sealed: Result<_, _> = sink.seal(events).into_iter().collect();
    sealed.unwrap()
}

/// Where it was stored: the stream, the sequence, and whether it was there before.
pub(crate) fn stored(result: Result<Outcome, SinkError>) -> (String, u64, bool) {
    let outcome = result.unwrap();
    match outcome.receipt().place() {
        Place::Stream {
            stream,
            sequence,
            duplicate,
        } => (stream.clone(), *sequence, *duplicate),
        place => panic!("stored elsewhere: {place:?}"),
    }
}

/// The error, which must be of `kind` and say `words` somewhere.
pub(crate) fn assert_refused(result: Result<Outcome, SinkError>, kind: ErrorKind, words: &str) {
    let error = result.unwrap_err();
    let text = format!("{error:?}");
    assert_eq!(error.kind(), kind, "{text}");
    assert!(text.contains(words), "{text}");
}

/// Another subject works at the first try.
pub(crate) async fn assert_good_event_goes_through(sink: &JetStreamSink) {
    let id = fastrand::u64(..).to_string();
    let (stream, ..) = stored(sink.send(event("good.event", &id)).await);
    assert_eq!(stream, "EVENTS");
}

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
