//! The live tail under load: who reads gets everything, who does not is told, nobody else notices.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Broker, Daemon, Said, Watcher, event, post_batch, until};

#[test]
fn fp5_who_never_reads_is_told_and_dropped_over_the_journal() {
    never_reads(50_000, &[]);
}

#[test]
fn fp5_who_never_reads_is_told_and_dropped_over_the_streams() {
    let broker = Broker::start();
    let url = broker.url();
    let settings = [
        ("CONSIGN_NATS_URL", url.as_str()),
        ("CONSIGN_STREAMS", "ensure"),
    ];
    never_reads(20_000, &settings);
}

fn never_reads(events: usize, settings: &[(&str, &str)]) {
    let dir = tempfile::tempdir().unwrap();
    let mut all = vec![
        ("CONSIGN_SSE_MAX_CLIENTS", "2"),
        ("CONSIGN_SSE_BUFFER", "256"),
    ];
    all.extend(settings);
    let daemon = Daemon::start(dir.path(), &all);
    if !settings.is_empty() {
        until(&daemon, Duration::from_secs(30), |status| {
            status["nats"]["connected"] == true
        });
    }
    let addr = daemon.addr();
    let mut deaf = Watcher::open(addr, EVERYTHING, None);
    let mut reads = Watcher::open(addr, EVERYTHING, None);
    let refused = daemon.client().get("/v1/events/stream").unwrap();
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert!(refused.header("retry-after").is_some());
    assert!(refused.body.contains("as many clients"), "{}", refused.body);

    let reader = thread::spawn(move || {
        let ids = (0..events).map(|_| number(&reads.event().1));
        ids.collect::<Vec<_>>()
    });
    let mut client = daemon.client();
    let (mut slowest, mut numbers) = (Duration::ZERO, 0..events);
    loop {
        let batch = numbers.by_ref().take(500);
        let batch: Vec<String> = batch.map(|n| event(&n.to_string(), "{}")).collect();
        if batch.is_empty() {
            break;
        }
        let began = Instant::now();
        let results = post_batch(&mut client, &batch).unwrap();
        slowest = slowest.max(began.elapsed());
        assert!(
            results
                .iter()
                .all(|result| result["outcome"] == "delivered")
        );
    }
    assert!(slowest < Duration::from_secs(10), "{slowest:?}");
    assert!(reader.join().unwrap().into_iter().eq(0..events));

    let began = Instant::now();
    while !client
        .get("/metrics")
        .unwrap()
        .body
        .contains("consign_sse_dropped_total 1")
    {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "it was never dropped"
        );
        thread::park_timeout(Duration::from_millis(50));
    }
    let (mut last, mut next) = (String::new(), 0);
    loop {
        match deaf.says() {
            Said::Event(id, data) => {
                assert_eq!(number(&data), next);
                (last, next) = (id, next + 1);
            }
            Said::Lagged => break assert_eq!(deaf.says(), Said::End),
            Said::End => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(next > 0 && next < events, "{next}");
    let mut again = Watcher::open(addr, EVERYTHING, Some(&last));
    for expected in next..events {
        assert_eq!(number(&again.event().1), expected);
    }
    assert!(daemon.stop().0.success());
}

/// From the beginning, so that nothing is posted before somebody follows.
const EVERYTHING: &str = "?subject=consign.events.>&since=1h";

/// The number that an event's id is.
fn number(event: &str) -> usize {
    let event: Value = serde_json::from_str(event).unwrap();
    event["id"].as_str().unwrap().parse().unwrap()
}
