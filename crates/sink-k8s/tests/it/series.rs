use std::time::Duration;

use sink_k8s::Dropped;
use sink_testkit::kubernetes::{ApiServer, Fault};

use crate::{crash, send, sink};

#[tokio::test]
async fn repeated_events_are_one_with_a_count() {
    let server = ApiServer::start().await;
    let sink = sink(&server, |_| {});
    for number in 0..1000 {
        send(&sink, crash(&number.to_string(), "search")).await;
        // Slower than the API, so that none finds the queue full.
        if number % 100 == 0 {
            sink.flush().await;
        }
    }
    sink.flush().await;
    let events = server.events();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["series"]["count"], 1000);
    assert_eq!(
        events[0]["note"],
        "search: restart count 3: out of memory 0"
    );
    let counts = sink.counts();
    assert_eq!((counts.created, counts.repeated), (1, 999));
    assert_eq!(counts.dropped, [0; 5]);
    assert!(counts.updated <= 13, "{counts:?}");
    assert_eq!(server.complaints(), [""; 0]);
}

#[tokio::test]
async fn a_first_repetition_is_told_with_nobody_asking() {
    let server = ApiServer::start().await;
    let sink = sink(&server, |_| {});
    send(&sink, crash("1", "search")).await;
    send(&sink, crash("2", "search")).await;
    let told = |server: &ApiServer| {
        server
            .events()
            .iter()
            .any(|event| event["series"]["count"] == 2)
    };
    server.until(told).await;
}

#[tokio::test]
async fn after_a_gap_it_is_another_event() {
    let server = ApiServer::start().await;
    let sink = sink(&server, |config| config.series_gap = Duration::ZERO);
    for id in ["1", "2"] {
        send(&sink, crash(id, "search")).await;
        sink.flush().await;
    }
    assert_eq!(server.requests(), ["POST", "POST"]);
}

#[tokio::test]
async fn an_event_that_kubernetes_forgot_begins_anew() {
    let server = ApiServer::start().await;
    let sink = sink(&server, |_| {});
    for id in ["1", "2", "3"] {
        send(&sink, crash(id, "search")).await;
        sink.flush().await;
        if id == "1" {
            server.expire();
        }
    }
    assert_eq!(server.requests(), ["POST", "PATCH", "POST"]);
    assert_eq!(server.events().len(), 1);
    assert_eq!(sink.counts().dropped_for(Dropped::Refused), 1);
}

#[tokio::test]
async fn an_update_that_failed_is_told_later_with_the_right_count() {
    let server = ApiServer::start().await;
    let sink = sink(&server, |_| {});
    send(&sink, crash("1", "search")).await;
    sink.flush().await;
    server.fails_next([Fault::Answers(500)]);
    send(&sink, crash("2", "search")).await;
    server.until(|server| server.requests().len() == 2).await;
    send(&sink, crash("3", "search")).await;
    sink.flush().await;
    sink.flush().await;
    assert_eq!(server.events()[0]["series"]["count"], 3);
    assert_eq!(sink.counts().dropped, [0; 5]);
}

#[tokio::test]
async fn an_event_that_is_delivered_again_is_counted_once() {
    let server = ApiServer::start().await;
    let sink = sink(&server, |_| {});
    for id in ["1", "2", "1", "2", "2", "3"] {
        send(&sink, crash(id, "search")).await;
    }
    sink.flush().await;
    assert_eq!(server.events()[0]["series"]["count"], 3);
    let counts = sink.counts();
    assert_eq!((counts.created, counts.repeated, counts.known), (1, 2, 3));
    assert_eq!(counts.dropped, [0; 5]);
}

#[tokio::test]
async fn after_a_restart_the_count_goes_on() {
    let server = ApiServer::start().await;
    let first = sink(&server, |_| {});
    for id in ["1", "2", "3", "4"] {
        send(&first, crash(id, "search")).await;
    }
    first.flush().await;
    drop(first);

    // Delivered again, since nobody knows what the first process did, and then a new one.
    let second = sink(&server, |_| {});
    for id in ["1", "5"] {
        send(&second, crash(id, "search")).await;
    }
    second.flush().await;
    let events = server.events();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["series"]["count"], 5);
    let counts = second.counts();
    assert_eq!((counts.created, counts.known, counts.repeated), (0, 1, 1));
    assert_eq!(server.complaints(), [""; 0]);
}
