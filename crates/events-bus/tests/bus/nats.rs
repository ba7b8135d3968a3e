use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use events_bus::{Bus, Item, NatsDrops, NatsFeed, Queue};
use events_core::{MemorySink, WireEvent};
use futures::{FutureExt as _, StreamExt as _};
use sink_testkit::nats::NatsServer;
use tokio::time::timeout;

use crate::kit::{all, event, next, sealed, text};

async fn attached(feed: NatsFeed) -> Bus {
    let feed = Arc::new(feed);
    let chain = Arc::new(MemorySink::default());
    let patterns = vec!["consign.>".parse().unwrap()];
    let bus = Bus::attached(chain, Arc::default(), feed, patterns).unwrap();
    bus.ready().await;
    bus
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
    let bus = attached(NatsFeed::new(listener)).await;
    let mut subscription = all(&bus, Queue::default());

    publisher
        .publish("consign.noise", "no event".into())
        .await
        .unwrap();
    publish(&publisher, &sealed(event("1", "tool.crashed"))).await;
    assert_eq!(text(&next(&mut subscription).await), "1");
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
    let told = async {
        loop {
            publish(&publisher, &sealed(event("probe", "a.b"))).await;
            match timeout(Duration::from_millis(50), subscription.next()).await {
                Ok(Some(Item::Lagged { missed: None })) => return,
                other => assert!(other.is_err(), "{other:?}"),
            }
        }
    };
    let told = timeout(Duration::from_secs(30), told).await;
    assert!(told.is_ok(), "the reconnect is told first");
}

#[tokio::test]
async fn what_a_slow_client_dropped_is_told() {
    let Some(server) = NatsServer::start_or_skip().await else {
        return;
    };
    let drops = NatsDrops::default();
    let noted = drops.clone();
    let listener = async_nats::ConnectOptions::new()
        .subscription_capacity(1)
        .event_callback(move |event| {
            noted.note(&event);
            ready(())
        })
        .connect(server.url())
        .await
        .unwrap();
    let bus = attached(NatsFeed::telling(listener, drops)).await;
    let mut subscription = all(&bus, Queue::default());
    let publisher = async_nats::connect(server.url()).await.unwrap();
    let told = async {
        loop {
            let burst = (0..100).map(|n| sealed(event(&n.to_string(), "a.b")));
            for event in burst {
                publish(&publisher, &event).await;
            }
            while let Some(item) = subscription.next().now_or_never() {
                if let Some(Item::Lagged { missed: None }) = item {
                    return;
                }
            }
        }
    };
    let told = timeout(Duration::from_secs(30), told).await;
    assert!(told.is_ok(), "what was dropped is told");
    assert!(bus.counts().breaks > 0);
}
