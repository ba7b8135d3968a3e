//! The broker dies in the middle of the load and comes back.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{
    Broker, Client, Daemon, ENSURE, audited_stream, counted, drained, event, post_batch, until,
};

#[test]
fn fb2_a_broker_killed_under_load_loses_and_doubles_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut broker = Broker::start();
    let daemon = Daemon::connected(dir.path(), &broker.url(), &[ENSURE]);
    let receipts = Mutex::new(BTreeMap::new());
    let slowest = Mutex::new(Duration::ZERO);
    let answered = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for sender in 0..SENDERS {
            let (receipts, slowest, answered) = (&receipts, &slowest, &answered);
            let mut client = daemon.client();
            scope.spawn(move || {
                for batch in 0..BATCHES {
                    let ids = (0..BATCH).map(|n| format!("{sender}-{batch}-{n}"));
                    let events: Vec<String> = ids.map(|id| event(&id, r#"{"n":1}"#)).collect();
                    let asked = Instant::now();
                    let results = post_batch(&mut client, &events).unwrap();
                    let took = asked.elapsed();
                    let mut slowest = slowest.lock().unwrap();
                    *slowest = took.max(*slowest);
                    drop(slowest);
                    keep(results, &mut receipts.lock().unwrap());
                    answered.fetch_add(BATCH, Ordering::Relaxed);
                }
            });
        }
        while answered.load(Ordering::Relaxed) < TOTAL / 4 {
            std::thread::park_timeout(Duration::from_millis(5));
        }
        broker.kill();
        std::thread::park_timeout(Duration::from_secs(5));
        broker.restart();
    });
    until(&daemon, PATIENCE, drained);
    let receipts = receipts.into_inner().unwrap();
    assert_eq!(receipts.len(), TOTAL);
    let stored = broker.stored("CONSIGN_EVENTS");
    let counts = counted(&stored);
    assert_eq!(counts.len(), TOTAL);
    assert!(counts.values().all(|count| *count == 1), "doubled");
    let places: BTreeMap<u64, &str> = stored
        .iter()
        .map(|message| (message.sequence, message.event["id"].as_str().unwrap()))
        .collect();
    let mut spilled = 0;
    for (id, receipt) in &receipts {
        if receipt["place"] == "spool" {
            spilled += 1;
        } else {
            let sequence = receipt["sequence"].as_u64().unwrap();
            assert_eq!(places.get(&sequence), Some(&id.as_str()), "{receipt}");
        }
    }
    assert!(spilled > 0, "the outage met nothing");
    let slowest = slowest.into_inner().unwrap();
    assert!(
        slowest < Duration::from_secs(12),
        "an answer took {slowest:?}"
    );
    let report = audited_stream(dir.path(), &stored);
    assert_eq!(report.findings(), 0, "{:?}", report.faults);
    assert!(daemon.stop().0.success());
}

#[test]
fn order_survives_an_outage() {
    let dir = tempfile::tempdir().unwrap();
    let mut broker = Broker::start();
    let daemon = Daemon::connected(dir.path(), &broker.url(), &[ENSURE]);
    let mut client = daemon.client();
    let mut next = 0..;
    let mut send = |client: &mut Client, count: usize| {
        for n in next.by_ref().take(count) {
            assert_eq!(
                client.post(&event(&format!("{n:05}"), "1")).unwrap().status,
                204
            );
        }
    };
    send(&mut client, 20);
    broker.kill();
    send(&mut client, 200);
    broker.restart();
    send(&mut client, 200);
    let back = until(&daemon, PATIENCE, drained);
    assert!(back < PATIENCE);
    let stored = broker.stored("CONSIGN_EVENTS");
    let ids: Vec<&str> = stored
        .iter()
        .map(|message| message.event["id"].as_str().unwrap())
        .collect();
    let expected: Vec<String> = (0..420).map(|n| format!("{n:05}")).collect();
    assert_eq!(ids, expected);
    assert!(daemon.stop().0.success());
}

fn keep(results: Vec<Value>, receipts: &mut BTreeMap<String, Value>) {
    for result in results {
        let outcome = result["outcome"].as_str().unwrap();
        assert!(matches!(outcome, "delivered" | "spilled"), "{result}");
        let id = result["id"].as_str().unwrap().to_owned();
        receipts.insert(id, result["receipt"].clone());
    }
}

const SENDERS: usize = 4;
const BATCHES: usize = 25;
const BATCH: usize = 100;
const TOTAL: usize = SENDERS * BATCHES * BATCH;
const PATIENCE: Duration = Duration::from_secs(60);
