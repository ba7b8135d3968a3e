//! FD1: the areas for what cannot be delivered are full.

use std::time::Duration;

use events_core::ErrorKind;
use sink_dlq::{Config, SpoolConfig, State};

use crate::bench::{Answer, Bench, Destination, id, until};

/// Nothing fits into the set-aside and the dead area.
fn bench() -> Bench {
    let config = Config {
        config_retry: Duration::from_millis(50),
        redrive_batch: 600,
        ..Config::default()
    };
    let spool = SpoolConfig {
        kept_bytes: 100,
        reserve_bytes: 0,
        ..SpoolConfig::default()
    };
    Bench::with_spool(Destination::away(), config, spool)
}

fn ids(count: usize) -> Vec<String> {
    (0..count).map(|n| n.to_string()).collect()
}

#[tokio::test]
async fn what_cannot_be_set_aside_waits_in_its_order_and_is_tried_again() {
    let bench = bench();
    let mut all = ids(300);
    let sent: Vec<&str> = all.iter().map(String::as_str).collect();
    bench.send("test.a", &sent).await;
    bench.to.answers(|_| Answer::Fail(ErrorKind::Config));
    bench.sink.start();
    let is_full = || bench.dlq.status().spool.set_aside.state != State::Ok;
    until("the area is full", is_full).await;
    let tries = bench.to.calls().len();
    until("it is tried again", || bench.to.calls().len() > tries + 1).await;
    assert_eq!(bench.areas(), [300, 0, 0]);
    assert_eq!(bench.send("test.a", &["behind"]).await, ["spilled"]);
    all.push("behind".to_owned());
    bench.to.comes_back();
    until("it is drained", || bench.areas() == [0, 0, 0]).await;
    assert_eq!(bench.to.ids(), all);
    assert_eq!(bench.send("test.a", &["live"]).await, ["delivered"]);
}

#[tokio::test]
async fn what_cannot_move_to_the_dead_blocks_nobody() {
    let bench = bench();
    let all = ids(300);
    let sent: Vec<&str> = all.iter().map(String::as_str).collect();
    bench.send("test.a", &sent).await;
    bench.to.answers(|event| match id(event).as_str() {
        "299" | "live" | "early" => Answer::Ok,
        _ => Answer::Fail(ErrorKind::Rejected),
    });
    bench.sink.start();
    until("the last is through", || bench.to.ids() == ["299"]).await;
    until("the others are known", || {
        bench.dlq.status().spool.dead.state != State::Ok && bench.areas() == [299, 0, 0]
    })
    .await;
    // The full area shows a moment before the redriver knows of all that nobody waits for them; an
    // event in between goes behind them and is delivered like the last one.
    if bench.send("test.a", &["early"]).await == ["spilled"] {
        until("it is through", || bench.areas() == [299, 0, 0]).await;
    }
    assert_eq!(bench.send("test.a", &["live"]).await, ["delivered"]);
    assert_eq!(bench.dlq.status().spool.state, State::Ok);
    let tries = bench.to.calls().len();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(bench.to.calls().len(), tries, "refused for good");
}
