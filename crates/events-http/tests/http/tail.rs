use std::sync::Arc;

use serde_json::json;
use tokio::time::{Duration, timeout};

use crate::client::{get, request};
use crate::host::Host;
use crate::shelf::{Shelf, Trouble};
use crate::sse::{Said, Watcher};

#[tokio::test]
async fn events_arrive_as_they_come_and_as_they_left_the_chain() {
    let shelf = Shelf::with(5);
    let host = Host::start_keeping(&shelf, |_| {}).await;
    let mut watcher = Watcher::start(host.addr, "", "").await;
    for number in 6..=8 {
        let event = shelf.add("single", 1000);
        let data = String::from_utf8(event.bytes().to_vec()).unwrap();
        let id = format!("S:{number}");
        assert_eq!(watcher.says().await, Said::Message { id, data });
    }
}

#[tokio::test]
async fn who_comes_back_misses_nothing() {
    let shelf = Shelf::empty();
    let host = Host::start_keeping(&shelf, |_| {}).await;
    let mut watcher = Watcher::start(host.addr, "", "").await;
    let publisher = tokio::spawn({
        let shelf = Arc::clone(&shelf);
        async move {
            for _ in 0..2000 {
                shelf.add("single", 100);
                tokio::task::yield_now().await;
            }
        }
    });
    let mut expected = 0;
    for turn in 0..40 {
        for _ in 0..50 {
            expected += 1;
            assert_eq!(watcher.number().await, expected, "in turn {turn}");
        }
        // What was on its way when the connection broke comes again.
        watcher = watcher.again(host.addr, "").await;
    }
    publisher.await.unwrap();
    assert_eq!(expected, 2000);
}

#[tokio::test]
async fn a_url_can_say_where_to_begin_and_a_client_that_was_here_knows_better() {
    let shelf = Shelf::with(9);
    let host = Host::start_keeping(&shelf, |_| {}).await;
    let mut watcher = Watcher::start(host.addr, "?after=S:3", "").await;
    assert_eq!(watcher.number().await, 4);
    let mut watcher = Watcher::start(host.addr, "?after=S:3", "last-event-id: S:7\r\n").await;
    assert_eq!(watcher.number().await, 8);
}

#[tokio::test]
async fn an_id_that_is_gone_is_told_and_the_oldest_comes_next() {
    let shelf = Shelf::with(9);
    shelf.forget(5);
    let host = Host::start_keeping(&shelf, |_| {}).await;
    for (id, missed) in [("S:2", json!(3)), ("elsewhere", json!(null))] {
        let header = format!("last-event-id: {id}\r\n");
        let mut watcher = Watcher::start(host.addr, "", &header).await;
        let lagged = Said::Lagged(json!({ "missed": missed }));
        assert_eq!(watcher.says().await, lagged);
        assert_eq!(watcher.number().await, 6);
    }
    let mut watcher = Watcher::start(host.addr, "", "last-event-id: S:5\r\n").await;
    assert_eq!(watcher.number().await, 6, "nothing is missing");
}

#[tokio::test]
async fn filters_hold_for_what_comes() {
    let shelf = Shelf::empty();
    let host = Host::start_keeping(&shelf, |_| {}).await;
    let mut acme = Watcher::start(host.addr, "?tenant=acme", "").await;
    let mut subject = Watcher::start(host.addr, "?subject=*.events.initech.%3E", "").await;
    for tenant in ["acme", "initech", "acme", "initech"] {
        shelf.add(tenant, 10);
    }
    assert_eq!([acme.number().await, acme.number().await], [1, 3]);
    assert_eq!([subject.number().await, subject.number().await], [2, 4]);
}

#[tokio::test]
async fn a_limit_ends_the_stream() {
    let shelf = Shelf::with(9);
    let host = Host::start_keeping(&shelf, |_| {}).await;
    let mut watcher = Watcher::start(host.addr, "?after=S:0&limit=2", "").await;
    assert_eq!([watcher.number().await, watcher.number().await], [1, 2]);
    assert_eq!(watcher.says().await, Said::End);
    let again = watcher.client.ask(get("/livez")).await;
    assert_eq!(again.status, 200, "the connection is good for more");
}

#[tokio::test]
async fn a_quiet_stream_shows_signs_of_life() {
    let shelf = Shelf::empty();
    let host = Host::start_keeping(&shelf, |config| {
        config.limits.sse_heartbeat = Duration::from_millis(20);
        config.limits.answer_timeout = Duration::from_millis(100);
    })
    .await;
    let mut watcher = Watcher::start(host.addr, "", "").await;
    for _ in 0..10 {
        assert_eq!(watcher.says().await, Said::Comment);
    }
    shelf.add("single", 10);
    assert_eq!(watcher.number().await, 1, "however long it has been open");
}

#[tokio::test]
async fn a_stop_ends_streams_at_once() {
    let shelf = Shelf::with(1);
    let mut host = Host::start_keeping(&shelf, |_| {}).await;
    let mut watchers = Vec::new();
    for _ in 0..8 {
        let mut watcher = Watcher::start(host.addr, "?after=S:0", "").await;
        assert_eq!(watcher.number().await, 1);
        watchers.push(watcher);
    }
    host.ask_to_stop();
    for mut watcher in watchers {
        assert_eq!(watcher.says().await, Said::End);
        assert_eq!(watcher.client.rest().await, b"");
    }
    let drained = timeout(Duration::from_secs(2), host.stopped()).await;
    assert_eq!(drained.unwrap().cut, 0);
}

#[tokio::test]
async fn a_panic_behind_the_port_ends_the_stream() {
    let shelf = Shelf::with(9);
    *shelf.trouble.lock().unwrap() = Some((2, Trouble::Panics));
    let host = Host::start_keeping(&shelf, |_| {}).await;
    let mut watcher = Watcher::start(host.addr, "?after=S:0", "").await;
    assert_eq!([watcher.number().await, watcher.number().await], [1, 2]);
    assert_eq!(watcher.says().await, Said::End);
}

#[tokio::test]
async fn a_look_at_the_head_takes_no_place() {
    let shelf = Shelf::with(1);
    let host = Host::start_keeping(&shelf, |config| config.limits.sse_max_clients = 1).await;
    let mut client = host.client().await;
    for _ in 0..3 {
        client
            .send(request("HEAD", "/v1/events/stream", "", ""))
            .await;
        assert_eq!(client.answer_to_head().await.status, 200);
    }
}

#[tokio::test]
async fn a_bad_last_event_id_is_told() {
    let shelf = Shelf::with(1);
    let host = Host::start_keeping(&shelf, |_| {}).await;
    let mut client = host.client().await;
    let long = "x".repeat(513);
    for id in ["a b", "\u{e9}", &long, "1\r\nlast-event-id: 2"] {
        let headers = format!("last-event-id: {id}\r\n");
        let bytes = request("GET", "/v1/events/stream?since=hell", &headers, "");
        let answer = client.ask(bytes).await;
        assert_eq!(answer.status, 400, "{id}");
        let violations = answer.problem()["violations"].clone();
        assert_eq!(violations.as_array().unwrap().len(), 2, "{violations}");
    }
}
