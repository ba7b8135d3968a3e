use std::time::{Duration, Instant};

use events_core::ErrorKind;
use sink_dlq::{Config, RedriverState};

use crate::bench::{Answer, Bench, Destination, id, kind, until};

/// FB1: the destination is away from the start.
#[tokio::test]
async fn a_destination_that_comes_back_gets_everything_once_within_a_second() {
    let bench = Bench::started(Destination::away(), Config::default());
    for n in 0..50 {
        let sent = bench.send("test.a", &[&n.to_string()]).await;
        assert_eq!(sent, ["spilled"]);
    }
    until("it waits", || {
        bench.dlq.status().redriver.state == RedriverState::WaitingForDestination
    })
    .await;
    // Long enough for its patience to be at its longest.
    tokio::time::sleep(Duration::from_millis(1200)).await;
    let last_error = bench.dlq.status().redriver.last_error.unwrap();
    assert_eq!(last_error.kind, ErrorKind::Unavailable);
    let tries = bench.to.calls().len();
    assert!(tries < 200, "asked {tries} times in 1.2 s");
    bench.to.comes_back();
    let back = Instant::now();
    until("it is drained", || bench.areas() == [0, 0, 0]).await;
    assert!(
        back.elapsed() < Duration::from_secs(1),
        "{:?}",
        back.elapsed()
    );
    let expected: Vec<String> = (0..50).map(|n| n.to_string()).collect();
    assert_eq!(bench.to.ids(), expected);
    let counters = bench.dlq.counters();
    assert_eq!((counters.redriven, counters.duplicates), (50, 0));
    until("it rests", || {
        let redriver = bench.dlq.status().redriver;
        redriver.state == RedriverState::Idle && redriver.last_error.is_none()
    })
    .await;
    assert_eq!(bench.send("test.a", &["live"]).await, ["delivered"]);
}

/// FB3: the acknowledgement was lost.
#[tokio::test]
async fn what_arrived_all_the_same_is_a_duplicate_and_settled() {
    let bench = Bench::started(Destination::up(), Config::default());
    assert_eq!(bench.send("test.a", &["1"]).await, ["delivered"]);
    bench.to.answers(|_| Answer::Fail(ErrorKind::Unavailable));
    assert_eq!(bench.send("test.a", &["1"]).await, ["spilled"]);
    bench.to.comes_back();
    until("it is drained", || bench.areas() == [0, 0, 0]).await;
    let counters = bench.dlq.counters();
    assert_eq!((counters.redriven, counters.duplicates), (1, 1));
    assert_eq!(bench.to.ids(), ["1"]);
}

#[tokio::test]
async fn what_is_refused_for_good_moves_to_the_dead_and_blocks_nobody() {
    for refusal in [ErrorKind::Rejected, ErrorKind::Invalid] {
        let bench = Bench::started(Destination::away(), Config::default());
        bench.send("test.a", &["1", "2", "3"]).await;
        bench.to.answers(move |event| match id(event).as_str() {
            "2" => Answer::Fail(refusal),
            _ => Answer::Ok,
        });
        until("it is drained", || bench.areas() == [0, 0, 1]).await;
        assert_eq!(bench.to.ids(), ["1", "3"]);
        until("it is counted", || bench.dlq.counters().relocated == 1).await;
        let page = bench.dlq.list(&Default::default()).await.unwrap();
        assert_eq!(page.records[0].cause.kind, refusal);
        assert!(page.records[0].cause.attempts >= 2);
    }
}

/// FB9: the stream is full.
#[tokio::test]
async fn a_saturated_subject_waits_alone_and_in_order() {
    let bench = Bench::started(Destination::away(), Config::default());
    for n in 0..300 {
        bench.send("test.full", &[&format!("f{n}")]).await;
    }
    bench.send("test.b", &["b1", "b2"]).await;
    bench.to.answers(|event| match kind(event).as_str() {
        "test.full" => Answer::Fail(ErrorKind::Saturated),
        _ => Answer::Ok,
    });
    until("the other subject is drained", || {
        bench.to.ids() == ["b1", "b2"]
    })
    .await;
    assert_eq!(bench.send("test.b", &["b3"]).await, ["delivered"]);
    let calls = bench.to.calls().len();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let more = bench.to.calls().len() - calls;
    assert!(more < 10, "asked a full stream {more} times in 300 ms");
    bench.to.comes_back();
    until("all is drained", || bench.areas() == [0, 0, 0]).await;
    let full = bench.to.ids().split_off(3);
    let expected: Vec<String> = (0..300).map(|n| format!("f{n}")).collect();
    assert_eq!(full, expected);
}

/// FB8: no stream captures the subject.
#[tokio::test]
async fn what_was_set_aside_is_probed_with_one_and_the_rest_follows() {
    let config = Config {
        config_retry: Duration::from_millis(50),
        ..Config::default()
    };
    let bench = Bench::started(Destination::new(Answer::Fail(ErrorKind::Config)), config);
    let ids: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    for id in &ids {
        assert_eq!(bench.send("test.a", &[id]).await, ["spilled"]);
    }
    assert_eq!(bench.areas(), [0, 20, 0]);
    let before = bench.to.calls().len();
    until("it is probed", || bench.to.calls().len() > before + 2).await;
    let probes = bench.to.calls().split_off(before);
    assert!(probes.iter().all(|probe| probe == &["0"]), "{probes:?}");
    bench.to.comes_back();
    until("it is drained", || bench.areas() == [0, 0, 0]).await;
    assert_eq!(bench.to.ids(), ids);
}

#[tokio::test]
async fn a_chain_that_forgets_events_settles_no_record() {
    let config = Config {
        config_retry: Duration::from_millis(50),
        ..Config::default()
    };
    let bench = Bench::started(Destination::away(), config);
    bench.send("test.a", &["1", "2"]).await;
    bench.to.answers(|_| Answer::Forget);
    until("they are set aside", || bench.areas() == [0, 2, 0]).await;
    let page = bench.dlq.list(&Default::default()).await.unwrap();
    assert_eq!(page.records[0].cause.reason, "the chain forgets events");
    assert_eq!(bench.dlq.counters().redriven, 0);
    bench.to.comes_back();
    until("it is drained", || bench.areas() == [0, 0, 0]).await;
    assert_eq!(bench.to.ids(), ["1", "2"]);
}

/// FP4: a task panics.
#[tokio::test]
async fn a_panic_ends_neither_redriving_nor_the_other_events() {
    let bench = Bench::started(Destination::away(), Config::default());
    bench.send("test.bad", &["0"]).await;
    bench.send("test.good", &["1", "2", "3"]).await;
    bench.to.answers(|event| match kind(event).as_str() {
        "test.bad" => Answer::Panic,
        _ => Answer::Ok,
    });
    until("the good ones are through", || bench.to.ids().len() == 3).await;
    assert!(bench.dlq.counters().panics > 0);
    until("only it waits", || bench.areas() == [1, 0, 0]).await;
    bench.to.comes_back();
    until("the bad one is through", || bench.areas() == [0, 0, 0]).await;
    assert_eq!(bench.to.ids(), ["1", "2", "3", "0"]);
}

#[tokio::test]
async fn one_subject_that_is_never_answered_does_not_hold_up_the_others() {
    let bench = Bench::started(Destination::away(), Config::default());
    bench.send("test.mute", &["0"]).await;
    bench.send("test.a", &["1", "2"]).await;
    bench.send("test.b", &["3"]).await;
    bench.to.answers(|event| match kind(event).as_str() {
        "test.mute" => Answer::Fail(ErrorKind::Unavailable),
        _ => Answer::Ok,
    });
    until("the others are through", || bench.to.ids().len() == 3).await;
    until("only it waits", || bench.areas() == [1, 0, 0]).await;
}

#[tokio::test]
async fn a_huge_subject_does_not_starve_a_small_one() {
    let config = Config {
        redrive_batch: 16,
        ..Config::default()
    };
    let bench = Bench::new(Destination::away(), config);
    let ids: Vec<String> = (0..2000).map(|n| n.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    bench.send("test.huge", &ids).await;
    bench.send("test.small", &["small"]).await;
    bench.to.comes_back();
    bench.sink.start();
    until("it is drained", || bench.areas() == [0, 0, 0]).await;
    let stored = bench.to.ids();
    let place = stored.iter().position(|id| id == "small").unwrap();
    assert!(place < 400, "it came after {place} others");
}
