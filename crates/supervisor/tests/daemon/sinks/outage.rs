//! One of two sinks is away, and the other goes on.

use std::time::{Duration, Instant};

use sink_testkit::postgres::Postgres;
use tokio::runtime::Runtime;

use super::sink;
use crate::support::{
    Broker, Daemon, ENSURE, audited_stream, counted, drained, event, post_batch, status, until,
};

#[test]
fn a_store_that_dies_and_comes_back_has_every_row_once_and_the_stream_notices_nothing() {
    let runtime = Runtime::new().unwrap();
    let Some(mut store) = runtime.block_on(Postgres::start_or_skip()) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start();
    let url = store.url("postgres");
    let settings = [
        ENSURE,
        ("CONSIGN_SINK", "jetstream,store:required:2s,log"),
        ("CONSIGN_STORE_URL", &*url),
    ];
    let daemon = Daemon::connected(dir.path(), &broker.url(), &settings);
    let stack = "sign(redact(fanout(dlq(jetstream), dlq(store), log)))";
    assert_eq!(status(&daemon)["stack"], stack);
    let mut client = daemon.client();
    let mut post = |from: usize| {
        let ids = (from..from + LOT).map(|id| event(&id.to_string(), r#"{"n":1}"#));
        let begun = Instant::now();
        let results = post_batch(&mut client, &ids.collect::<Vec<_>>()).unwrap();
        for result in results {
            assert_eq!(result["outcome"], "delivered", "{result}");
            assert_eq!(result["receipt"]["place"], "stream", "{result}");
        }
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(8), "{took:?}");
    };
    post(0);
    runtime.block_on(store.kill()).unwrap();
    post(LOT);
    post(2 * LOT);
    // The stream has them all while the store has none of the later ones.
    assert_eq!(broker.stored("CONSIGN_EVENTS").len(), 3 * LOT);
    let now = status(&daemon);
    assert_eq!(sink(&now, "store")["spool"]["waiting"], 2 * LOT, "{now}");
    assert_eq!(sink(&now, "jetstream")["spool"]["waiting"], 0, "{now}");
    assert_eq!(now["spool"]["waiting"], 2 * LOT, "{now}");
    let mut client = daemon.client();
    assert_eq!(client.get("/readyz").unwrap().status, 200);
    let page = client.get("/v1/dlq?limit=1").unwrap().body;
    let page: serde_json::Value = serde_json::from_str(&page).unwrap();
    let record = &page["items"][0];
    assert_eq!(record["sink"], "store", "{page}");
    let id = record["id"].as_str().unwrap();
    assert!(id.starts_with('1') && id.len() == 20, "{id}");
    assert_eq!(client.get(&format!("/v1/dlq/{id}")).unwrap().status, 200);

    runtime.block_on(store.restart()).unwrap();
    until(&daemon, Duration::from_secs(30), drained);
    assert!(daemon.stop().0.success());
    let rows = |what: &str| {
        let sql = format!("SELECT {what} FROM agent_events");
        runtime.block_on(store.psql("postgres", &sql)).unwrap()
    };
    assert_eq!(rows("count(*)").trim(), (3 * LOT).to_string());
    assert_eq!(rows("count(DISTINCT id)").trim(), (3 * LOT).to_string());
    let stored = broker.stored("CONSIGN_EVENTS");
    assert!(counted(&stored).values().all(|count| *count == 1));
    let report = audited_stream(dir.path(), &stored);
    assert_eq!(report.findings(), 0, "{:?}", report.faults);
}

const LOT: usize = 100;
