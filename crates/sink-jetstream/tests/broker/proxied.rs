use std::time::{Duration, Instant};

use events_core::{ErrorKind, EventSink as _, EventSinkExt as _};
use sink_jetstream::{BreakerState, Config, ConnectOptions, JetStreamSink};
use sink_testkit::nats::{Direction, Fault, Odds, Proxy, Step};

use crate::broker::{Broker, PATIENCE, assert_refused, config, connect, event, sealed, stored};

/// A sink that reaches the broker through a proxy, and knows the stream already.
async fn behind(proxy: &Proxy, config: Config) -> JetStreamSink {
    let options = ConnectOptions {
        ping_interval: Duration::from_millis(300),
        ..ConnectOptions::new(vec![proxy.url().parse().unwrap()])
    };
    let sink = connect(options, config).await;
    assert!(sink.wait_connected(PATIENCE).await);
    stored(sink.send(event("demo.happened", "first")).await);
    sink
}

fn hasty() -> Config {
    Config {
        ack_timeout: Duration::from_secs(1),
        lookup_timeout: Duration::from_secs(1),
        reconnect_max_wait: Duration::from_millis(200),
        ..config()
    }
}

/// The message arrived and its acknowledgement did not: the next attempt finds it, and the number
/// it bears is kept.
#[tokio::test(flavor = "multi_thread")]
async fn fb3_a_lost_acknowledgement_is_made_good_by_the_next_attempt() {
    let Some(broker) = Broker::start("").await else {
        return;
    };
    let proxy = Proxy::start(&broker.server.url()).unwrap();
    let sink = behind(&proxy, hasty()).await;
    proxy.set(Direction::ToClient, Fault::Script(vec![Step::Drop]));
    let events = sealed(&sink, "demo.happened", 0..1);
    let lost = sink.deliver(&events).await.remove(0);
    assert_refused(lost, ErrorKind::Unavailable, "did not answer in time");
    assert!(sink.wait_connected(PATIENCE).await);
    assert_eq!(
        stored(sink.deliver(&events).await.remove(0)),
        ("EVENTS".to_owned(), 2, true)
    );
    assert_eq!(broker.count("EVENTS").await, 2);
}

/// Acknowledgements lost, doubled and late at random: whatever is retried is stored once.
#[tokio::test(flavor = "multi_thread")]
async fn fb4_a_line_that_loses_doubles_and_delays_stores_everything_once() {
    let Some(broker) = Broker::start("").await else {
        return;
    };
    let proxy = Proxy::start(&broker.server.url()).unwrap();
    let sink = behind(&proxy, hasty()).await;
    let odds = Odds {
        drop: 1,
        double: 5,
        delay: 5,
        delay_by: Duration::from_millis(1)..=Duration::from_millis(50),
    };
    proxy.set(Direction::ToClient, Fault::Odds(odds.clone(), 7));
    proxy.set(Direction::ToServer, Fault::Odds(odds, 8));
    let mut left = sealed(&sink, "demo.happened", 0..500);
    let end = Instant::now() + PATIENCE;
    while !left.is_empty() {
        assert!(Instant::now() < end, "{} are left", left.len());
        assert!(sink.wait_connected(PATIENCE).await);
        let results = sink.deliver(&left).await;
        let mut results = results.into_iter();
        left.retain(|_| match results.next().unwrap() {
            Ok(outcome) => {
                drop(outcome);
                false
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
                true
            }
        });
    }
    assert_eq!(broker.count("EVENTS").await, 501);
}

/// A network that lost its way: the connection looks alive, and is not.
#[tokio::test(flavor = "multi_thread")]
async fn fb5_a_silent_network_opens_the_breaker_and_ends_with_it() {
    let Some(broker) = Broker::start("").await else {
        return;
    };
    let proxy = Proxy::start(&broker.server.url()).unwrap();
    let sink = behind(&proxy, hasty()).await;
    proxy.freeze();
    let start = Instant::now();
    let events = sealed(&sink, "demo.happened", 0..300);
    for result in sink.deliver(&events).await {
        assert_refused(result, ErrorKind::Unavailable, "");
    }
    // One time-out, one question that nobody answers.
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(sink.debug_state().as_str(), "reconnecting");
    while sink.status().nats.connected {
        assert!(start.elapsed() < PATIENCE, "the loss went unnoticed");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    proxy.heal();
    assert!(sink.wait_connected(PATIENCE).await);
    for result in sink.deliver(&events).await {
        stored(result);
    }
    assert_eq!(sink.debug_state(), BreakerState::Connected);
    assert_eq!(broker.count("EVENTS").await, 301);
}
