use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::client::{get, request};
use crate::host::Host;
use crate::shelf::Shelf;
use crate::sse::{Said, Watcher};

const PATIENCE: Duration = Duration::from_millis(200);

#[tokio::test]
async fn who_never_reads_is_told_and_dropped_and_nobody_else_notices() {
    let shelf = Shelf::empty();
    let host = Host::start_keeping(&shelf, |config| {
        config.limits.sse_patience = PATIENCE;
        config.limits.sse_buffer = 16;
    })
    .await;
    let mut deaf = Watcher::start(host.addr, "", "").await;
    let mut others = JoinSet::new();
    for _ in 0..3 {
        let mut watcher = Watcher::start(host.addr, "", "").await;
        others.spawn(async move {
            for number in 1..=250 {
                assert_eq!(watcher.number().await, number);
            }
        });
    }
    // Far more than the buffers of two systems hold between them.
    for _ in 0..250 {
        shelf.add("single", 100_000);
    }
    while let Some(other) = others.join_next().await {
        other.unwrap();
    }
    host.counts("following Dropped", 1).await;
    let mut expected = 1;
    let end = loop {
        match deaf.says().await {
            Said::Message { id, .. } => assert_eq!(id, format!("S:{expected}")),
            other => break other,
        }
        expected += 1;
    };
    assert!(expected < 250, "it lost nothing");
    assert_eq!(end, Said::Lagged(json!({ "missed": null })));
    assert_eq!(deaf.says().await, Said::End);
    // Coming back, it misses nothing.
    let mut again = deaf.again(host.addr, "").await;
    for number in expected..=250 {
        assert_eq!(again.number().await, number);
    }
}

#[tokio::test]
async fn who_never_ever_reads_gives_up_the_place() {
    let shelf = Shelf::empty();
    let host = Host::start_keeping(&shelf, |config| {
        config.limits.sse_patience = PATIENCE;
        config.limits.answer_timeout = PATIENCE * 2;
        config.limits.sse_max_clients = 1;
    })
    .await;
    let deaf = Watcher::start(host.addr, "", "").await;
    for _ in 0..250 {
        shelf.add("single", 100_000);
    }
    let mut client = host.client().await;
    let began = Instant::now();
    let mut turned_away = 0;
    loop {
        client
            .send(request("GET", "/v1/events/stream", "", ""))
            .await;
        let answer = client.answer().await;
        if answer.status == 200 {
            break;
        }
        assert_eq!(answer.status, 503);
        turned_away += 1;
        assert!(began.elapsed() < Duration::from_secs(10));
        sleep(Duration::from_millis(20)).await;
    }
    assert!(turned_away > 0, "the place was never taken");
    drop(deaf);
}

#[tokio::test]
async fn who_is_merely_slower_than_events_keeps_watching() {
    let shelf = Shelf::empty();
    let host = Host::start_keeping(&shelf, |config| {
        config.limits.sse_patience = PATIENCE;
        config.limits.sse_buffer = 4;
        config.limits.sse_buffer_bytes = 1;
    })
    .await;
    for _ in 0..200 {
        shelf.add("single", 100_000);
    }
    let mut watcher = Watcher::start(host.addr, "?after=S:0", "").await;
    for number in 1..=200 {
        if number % 20 == 0 {
            sleep(PATIENCE / 4).await;
        }
        assert_eq!(watcher.number().await, number);
    }
}

#[tokio::test]
async fn all_64_get_everything_and_the_next_is_turned_away() {
    let shelf = Shelf::empty();
    let host = Host::start_keeping(&shelf, |_| {}).await;
    let mut watchers = Vec::new();
    for _ in 0..64 {
        watchers.push(Watcher::start(host.addr, "", "").await);
    }
    let mut late = host.client().await;
    let answer = late.ask(get("/v1/events/stream")).await;
    assert_eq!(answer.status, 503);
    assert!(answer.header("retry-after").is_some());
    answer.problem();
    for _ in 0..500 {
        shelf.add("single", 200);
    }
    for watcher in &mut watchers {
        let mut number = 0;
        while number < 500 {
            match watcher.says().await {
                Said::Message { id, .. } => number += u64::from(id == format!("S:{}", number + 1)),
                Said::Comment => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_client_that_went_away_leaves_its_place_to_the_next() {
    let shelf = Shelf::empty();
    let host = Host::start_keeping(&shelf, |config| config.limits.sse_max_clients = 2).await;
    let _stays = Watcher::start(host.addr, "", "").await;
    for _ in 0..5 {
        // Nothing is ever sent, and its time limits are far away.
        drop(Watcher::start(host.addr, "", "").await);
    }
    assert_eq!(host.count("following Began"), 6);
    host.counts("following Ended", 4).await;
}

#[tokio::test]
async fn who_watches_is_not_asked_to_make_room() {
    let shelf = Shelf::empty();
    let host = Host::start_keeping(&shelf, |config| {
        config.limits.max_connections = 2;
        config.limits.idle_timeout = Duration::from_secs(60);
    })
    .await;
    let mut watcher = Watcher::start(host.addr, "", "").await;
    let mut idle = host.client().await;
    assert_eq!(idle.ask(get("/livez")).await.status, 200);
    let mut next = host.client().await;
    assert_eq!(next.ask(get("/livez")).await.status, 200);
    assert_eq!(idle.rest().await, b"");
    shelf.add("single", 10);
    assert_eq!(watcher.number().await, 1);
}

#[tokio::test]
async fn a_stop_does_not_wait_for_who_never_reads() {
    let shelf = Shelf::empty();
    let mut host = Host::start_keeping(&shelf, |config| {
        config.limits.sse_patience = PATIENCE;
        config.limits.sse_buffer = 16;
    })
    .await;
    let deaf = Watcher::start(host.addr, "", "").await;
    for _ in 0..250 {
        shelf.add("single", 100_000);
    }
    host.counts("following Dropped", 1).await;
    host.ask_to_stop();
    let drained = timeout(Duration::from_secs(5), host.stopped()).await;
    assert_eq!(drained.unwrap().cut, 0);
    drop(deaf);
}
