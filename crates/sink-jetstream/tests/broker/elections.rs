use std::time::{Duration, Instant};

use async_nats::jetstream::{self, stream};
use events_core::{ErrorKind, EventSink as _};
use sink_jetstream::{Config, ConnectOptions};
use sink_testkit::nats::Cluster;

use crate::broker::{config, connect, sealed};

/// The leader dies again and again: an election is no mistake, and nothing is lost or doubled.
#[tokio::test(flavor = "multi_thread")]
async fn fb6_elections_lose_nothing_and_double_nothing() {
    let Some(mut cluster) = Cluster::start_or_skip().await else {
        return;
    };
    let urls = cluster.urls();
    let client = async_nats::connect(urls.clone()).await.unwrap();
    let jetstream = jetstream::new(client);
    let replicated = stream::Config {
        name: "EVENTS".to_owned(),
        subjects: vec!["consign.events.>".to_owned()],
        num_replicas: 3,
        ..stream::Config::default()
    };
    // A cluster that has just met may need a second try.
    let end = Instant::now() + PATIENCE;
    while let Err(error) = jetstream.get_or_create_stream(replicated.clone()).await {
        assert!(Instant::now() < end, "{error}");
    }
    let servers = urls.iter().map(|url| url.parse().unwrap()).collect();
    let quick = Config {
        reconnect_max_wait: Duration::from_millis(200),
        ..config()
    };
    let sink = connect(ConnectOptions::new(servers), quick).await;
    assert!(sink.wait_connected(PATIENCE).await);
    for round in 0..2_u32 {
        let mut left = sealed(&sink, "demo.happened", round * 1000..(round + 1) * 1000);
        let leader = cluster.wait_leader_of("EVENTS").await.unwrap();
        let (first, kill) = tokio::join!(sink.deliver(&left), async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            cluster.kill(leader).await
        });
        kill.unwrap();
        let mut results = first;
        let end = Instant::now() + PATIENCE;
        loop {
            let mut answers = results.into_iter();
            left.retain(|_| match answers.next().unwrap() {
                Ok(outcome) => {
                    drop(outcome);
                    false
                }
                Err(error) => {
                    // Those whose turn does not come in time have nothing wrong with them either.
                    let passes = [ErrorKind::Unavailable, ErrorKind::Saturated];
                    assert!(passes.contains(&error.kind()), "{error:?}");
                    true
                }
            });
            if left.is_empty() {
                break;
            }
            assert!(Instant::now() < end, "{} are left", left.len());
            sink.wait_connected(Duration::from_millis(200)).await;
            results = sink.deliver(&left).await;
        }
        cluster.restart(leader).await.unwrap();
        cluster.wait_in_sync("EVENTS").await.unwrap();
    }
    let stream = jetstream.get_stream("EVENTS").await.unwrap();
    assert_eq!(stream.cached_info().state.messages, 2000);
}

const PATIENCE: Duration = Duration::from_secs(120);
