use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use events_core::EventSink;
use futures::StreamExt as _;
use sink_testkit::leaf::{self, Features, LeafUnderTest};
use sink_testkit::nats::NatsServer;

use crate::broker::{Broker, PATIENCE, config, connect};

/// A server of its own for each check, which may cut it off.
#[derive(Default)]
struct Stream(Option<Broker>);

impl LeafUnderTest for Stream {
    async fn open(&mut self) -> Arc<dyn EventSink> {
        if self.0.is_none() {
            let broker = Broker::bare(&format!("max_payload: {MAX_PAYLOAD}"))
                .await
                .unwrap();
            broker.stream("ALL", "consign.>").await;
            self.0 = Some(broker);
        }
        let sink = connect(self.0.as_ref().unwrap().options(), config()).await;
        assert!(sink.wait_connected(PATIENCE).await);
        Arc::new(sink)
    }

    async fn read_back(&mut self) -> Vec<Bytes> {
        let broker = self.0.as_ref().unwrap();
        let count = usize::try_from(broker.count("ALL").await).unwrap();
        let stream = broker.jetstream.get_stream("ALL").await.unwrap();
        let config = async_nats::jetstream::consumer::pull::OrderedConfig::default();
        let consumer = stream.create_consumer(config).await.unwrap();
        let messages = consumer.messages().await.unwrap().take(count);
        messages
            .map(|message| message.unwrap().payload.clone())
            .collect()
            .await
    }

    async fn cut_off(&mut self) {
        self.0.as_mut().unwrap().server.kill().await.unwrap();
    }
}

const MAX_PAYLOAD: usize = 65_536;
const HEADERS: &str = "NATS/1.0\r\n\
    Content-Type: application/cloudevents+json; charset=UTF-8\r\n\
    Nats-Msg-Id: 3d3fbe906dbe1b52eae2fc3dc6891be5\r\n\
    Nats-Expected-Stream: ALL\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn it_is_a_leaf_as_the_suite_asks() {
    if NatsServer::start_or_skip().await.is_none() {
        return;
    }
    let features = Features {
        persistent: true,
        dedupes: true,
        ordered: true,
        prepares: false,
        max_event_bytes: Some(MAX_PAYLOAD - HEADERS.len()),
        unreachable_within: Some(Duration::from_secs(5)),
    };
    leaf::all(Stream::default, features).await.unwrap();
}
