use std::time::{Duration, Instant};

use events_core::{ErrorKind, EventSink as _, EventSinkExt as _};
use sink_jetstream::{BreakerState, Config};

use crate::broker::{Broker, PATIENCE, assert_refused, config, connect, event, sealed, stored};

#[tokio::test]
async fn fb1_a_broker_that_is_away_at_the_start_is_found_when_it_comes() {
    let Some(mut broker) = Broker::start("").await else {
        return;
    };
    broker.server.kill().await.unwrap();
    let sink = connect(broker.options(), config()).await;
    assert_eq!(sink.debug_state().as_str(), "reconnecting");
    assert!(!sink.wait_connected(Duration::from_millis(50)).await);
    let early = sink.send(event("demo.happened", "1")).await;
    assert_refused(early, ErrorKind::Unavailable, "");
    broker.server.restart().await.unwrap();
    assert!(sink.wait_connected(PATIENCE).await);
    stored(sink.send(event("demo.happened", "1")).await);
    assert_eq!(sink.debug_state(), BreakerState::Connected);
    assert_eq!(broker.count("EVENTS").await, 1);
}

/// While it waits, a delivery costs nothing and says in what state it is.
#[tokio::test]
async fn an_outage_is_told_at_once_and_its_end_ends_the_wait() {
    let Some(mut broker) = Broker::start("").await else {
        return;
    };
    let patient = Config {
        ack_timeout: PATIENCE,
        reconnect_wait: Duration::from_secs(600),
        reconnect_max_wait: Duration::from_secs(600),
        ..config()
    };
    let sink = broker.sink_with(patient).await;
    stored(sink.send(event("demo.happened", "1")).await);
    broker.server.kill().await.unwrap();
    while sink.status().nats.connected {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let first = sink.send(event("demo.happened", "2")).await;
    assert_refused(first, ErrorKind::Unavailable, "no connection to the broker");
    let start = Instant::now();
    let events = sealed(&sink, "demo.happened", 100..1100);
    for result in sink.deliver(&events).await {
        assert_refused(
            result,
            ErrorKind::Unavailable,
            "reconnecting state, attempt 0",
        );
    }
    assert!(start.elapsed() < PATIENCE / 2, "something was waited for");
    broker.server.restart().await.unwrap();
    assert!(sink.wait_connected(PATIENCE).await);
    stored(sink.send(event("demo.happened", "2")).await);
    assert_eq!(sink.debug_state(), BreakerState::Connected);
    assert_eq!(broker.count("EVENTS").await, 2);
}

/// Each event is acknowledged or not, and those that were not are stored once when they come
/// again.
#[tokio::test]
async fn fb2_a_broker_killed_in_the_middle_of_batches_doubles_nothing() {
    let Some(mut broker) = Broker::start("").await else {
        return;
    };
    let sink = broker.sink().await;
    let events = sealed(&sink, "demo.happened", 0..3000);
    for round in 0..3_u64 {
        let deliver = sink.deliver(&events);
        let kill = async {
            tokio::time::sleep(Duration::from_millis(5 + 20 * round)).await;
            broker.server.kill().await.unwrap();
        };
        let (results, ()) = tokio::join!(deliver, kill);
        for error in results.into_iter().filter_map(Result::err) {
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
        }
        broker.server.restart().await.unwrap();
        assert!(sink.wait_connected(PATIENCE).await);
    }
    for result in sink.deliver(&events).await {
        stored(result);
    }
    assert_eq!(broker.count("EVENTS").await, 3000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_sends_when_the_breaker_may_probe_make_one_publish() {
    let Some(mut broker) = Broker::start("").await else {
        return;
    };
    let sink = broker.sink().await;
    stored(sink.send(event("demo.happened", "first")).await);
    broker.server.kill().await.unwrap();
    while sink.status().nats.connected {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let lost = sink.send(event("demo.happened", "lost")).await;
    assert_refused(lost, ErrorKind::Unavailable, "no connection");
    broker.server.restart().await.unwrap();
    assert!(sink.wait_connected(PATIENCE).await);
    // The broker takes the probe and does not answer: nobody else is let through meanwhile.
    broker.server.pause().unwrap();
    let before = sink.status().counters.published;
    let sends = (0..1000).map(|id| {
        let sink = sink.clone();
        tokio::spawn(async move { sink.send(event("demo.happened", &id.to_string())).await })
    });
    let sends: Vec<_> = sends.collect();
    for send in sends {
        assert_refused(send.await.unwrap(), ErrorKind::Unavailable, "");
    }
    assert_eq!(sink.status().counters.published - before, 1);
    broker.server.resume().unwrap();
}
