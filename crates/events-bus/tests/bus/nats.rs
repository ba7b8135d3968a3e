use std::sync::Arc;
use std::time::Duration;

use events_bus::{Bus, Item, NatsFeed, Queue, Subscription};
use events_core::{MemorySink, WireEvent};
use futures::StreamExt as _;
use sink_testkit::nats::NatsServer;
use tokio::time::timeout;

use crate::kit::{all, event, next, sealed, text};

async fn attached(client: &async_nats::Client) -> Bus {
    let feed = Arc::new(NatsFeed::new(client.clone()));
    let chain = Arc::new(MemorySink::default());
    let patterns = vec!["consign.>".parse().unwrap()];
    Bus::attached(chain, Arc::default(), feed, patterns).unwrap()
}

/// Publishes until it is heard: from then on the bus is attached. Whether a break was told first.
async fn attach(publisher: &async_nats::Client, subscription: &mut Subscription) -> bool {
    let probe = sealed(event("probe", "a.b"));
    let mut broke = false;
    loop {
        publish(publisher, &probe).await;
        match timeout(Duration::from_millis(50), subscription.next()).await {
            Ok(Some(Item::Event(_))) => return broke,
            Ok(Some(Item::Lagged { missed: None })) => broke = true,
            other => assert!(other.is_err(), "{other:?}"),
        }
    }
}

async fn publish(client: &async_nats::Client, event: &WireEvent) {
    let subject = format!(
        "consign.events.single.{}",
        event.attributes().kind().as_str()
    );
    client
        .publish(subject, event.bytes().clone())
        .await
        .unwrap();
    client.flush().await.unwrap();
}

#[tokio::test]
async fn what_others_publish_is_heard_and_a_reconnect_is_told() {
    let Some(mut server) = NatsServer::start_or_skip().await else {
        return;
    };
    let listener = async_nats::connect(server.url()).await.unwrap();
    let publisher = async_nats::connect(server.url()).await.unwrap();
    let bus = attached(&listener).await;
    let mut subscription = all(&bus, Queue::default());
    assert!(!attach(&publisher, &mut subscription).await);

    publisher
        .publish("consign.noise", "no event".into())
        .await
        .unwrap();
    publish(&publisher, &sealed(event("1", "tool.crashed"))).await;
    while text(&next(&mut subscription).await) != "1" {}
    let mut crashes = bus.subscribe_type("tool.crashed".parse().unwrap(), Queue::default());
    publish(&publisher, &sealed(event("2", "tool.crashed"))).await;
    let Item::Event(heard) = next(&mut subscription).await else {
        panic!("nothing was heard");
    };
    assert_eq!(
        heard.subject().as_str(),
        "consign.events.single.tool.crashed"
    );
    assert_eq!(text(&next(&mut crashes).await), "2");
    assert_eq!(bus.counts().undecodable, 1);

    server.restart().await.unwrap();
    assert!(
        attach(&publisher, &mut subscription).await,
        "the reconnect is told"
    );
}
