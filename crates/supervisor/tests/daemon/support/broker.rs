use std::future::Future;
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::pull::OrderedConfig;
use async_nats::jetstream::{Context, stream};
use futures::StreamExt as _;
use serde_json::Value;
use sink_testkit::nats::NatsServer;
use tokio::runtime::Runtime;
use tokio::time::timeout;

/// A real broker, and what its streams hold, seen through a client of the test's own.
pub(crate) struct Broker {
    // Dropped first: the server's process belongs to the runtime.
    server: NatsServer,
    runtime: Runtime,
}

/// A message of a stream.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) subject: String,
    pub(crate) sequence: u64,
    pub(crate) message_id: String,
    pub(crate) traceparent: Option<String>,
    pub(crate) text: String,
    pub(crate) event: Value,
}

impl Broker {
    pub(crate) fn start() -> Self {
        Self::start_with("")
    }

    /// With lines for the server's configuration.
    pub(crate) fn start_with(config: &str) -> Self {
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(NatsServer::start_with(config)).unwrap();
        Self { server, runtime }
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.runtime.block_on(self.server.kill()).unwrap();
    }

    pub(crate) fn restart(&mut self) {
        self.runtime.block_on(self.server.restart()).unwrap();
    }

    /// Makes a stream, or changes it.
    pub(crate) fn put_stream(&self, config: stream::Config) {
        self.with(async |context| {
            context.create_or_update_stream(config).await.unwrap();
        });
    }

    /// Everything a stream holds, in its order.
    pub(crate) fn stored(&self, stream: &str) -> Vec<Stored> {
        self.with(async |context| stored(&context, stream).await)
    }

    /// Does something with a client of its own.
    pub(crate) fn with<T>(&self, work: impl AsyncFnOnce(Context) -> T) -> T {
        let url = self.url();
        self.block_on(async {
            let client = async_nats::connect(url).await.unwrap();
            work(async_nats::jetstream::new(client)).await
        })
    }

    pub(crate) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }
}

/// Everything a stream holds, in its order.
pub(crate) async fn stored(context: &Context, stream: &str) -> Vec<Stored> {
    let begun = Instant::now();
    let mut stream = context.get_stream(stream).await.unwrap();
    let messages = usize::try_from(stream.info().await.unwrap().state.messages).unwrap();
    let mut found = Vec::with_capacity(messages);
    if messages == 0 {
        return found;
    }
    let consumer = loop {
        // A cluster that has just come together may have no leader for it yet.
        match stream.create_consumer(OrderedConfig::default()).await {
            Ok(consumer) => break consumer,
            Err(error) => assert!(begun.elapsed() < PATIENCE, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let mut reader = consumer.messages().await.unwrap();
    while found.len() < messages {
        let message = timeout(PATIENCE, reader.next()).await.unwrap();
        let message = message.unwrap().unwrap();
        let text = String::from_utf8(message.payload.to_vec()).unwrap();
        let headers = message.headers.clone().unwrap_or_default();
        found.push(Stored {
            subject: message.subject.to_string(),
            sequence: message.info().unwrap().stream_sequence,
            message_id: headers
                .get("Nats-Msg-Id")
                .map_or_else(String::new, ToString::to_string),
            traceparent: headers.get("traceparent").map(ToString::to_string),
            event: serde_json::from_str(&text).unwrap_or_default(),
            text,
        });
    }
    found
}

const PATIENCE: Duration = Duration::from_secs(20);
