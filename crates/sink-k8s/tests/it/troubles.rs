use std::time::{Duration, Instant};

use sink_k8s::Dropped;
use sink_testkit::Log;
use sink_testkit::kubernetes::{ApiServer, Fault};

use crate::{crash, send, sink};

#[tokio::test]
async fn a_hanging_api_harms_nobody() {
    let server = ApiServer::start().await;
    server.fails(Some(Fault::Hangs));
    let sink = sink(&server, |config| config.queue = 10);
    let begun = Instant::now();
    for number in 0..10_000 {
        send(&sink, crash(&number.to_string(), &number.to_string())).await;
    }
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    server.until(|server| server.requests().len() == 1).await;
    assert!(sink.counts().dropped_for(Dropped::QueueFull) >= 9_989);
}

#[tokio::test]
async fn a_slow_api_is_told_everything_and_delays_nobody() {
    let server = ApiServer::start().await;
    server.fails(Some(Fault::Slow(20)));
    let sink = sink(&server, |_| {});
    for number in 0..20 {
        send(&sink, crash(&number.to_string(), &number.to_string())).await;
    }
    // All are answered, and at most one request is under way: the API takes one at a time.
    assert!(sink.counts().created <= 1);
    sink.flush().await;
    assert_eq!(sink.counts().created, 20);
    assert_eq!(server.events().len(), 20);
}

#[tokio::test]
async fn a_hanging_request_is_given_up_in_time_and_found_done() {
    let server = ApiServer::start().await;
    server.fails_next([Fault::ServesAndHangs]);
    let sink = sink(&server, |config| {
        config.timeout = Duration::from_millis(200)
    });
    send(&sink, crash("1", "search")).await;
    sink.flush().await;
    // The second try finds the first one's Event, 409, and asks what it says.
    assert_eq!(server.requests(), ["POST", "POST", "PATCH"]);
    assert_eq!(server.events().len(), 1);
    assert_eq!((sink.counts().created, sink.counts().failures), (1, 1));
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    let server = ApiServer::start().await;
    server.fails_next([Fault::Answers(500), Fault::Busy(0)]);
    let sink = sink(&server, |_| {});
    send(&sink, crash("1", "search")).await;
    sink.flush().await;
    assert_eq!(server.requests(), ["POST"; 3]);
    assert_eq!((sink.counts().created, sink.counts().failures), (1, 2));
}

#[tokio::test]
async fn the_server_says_how_long_to_wait() {
    let server = ApiServer::start().await;
    server.fails_next([Fault::Busy(1)]);
    let sink = sink(&server, |_| {});
    let begun = Instant::now();
    send(&sink, crash("1", "search")).await;
    sink.flush().await;
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(sink.counts().created, 1);
}

#[tokio::test]
async fn what_is_refused_is_not_tried_again_and_later_events_are() {
    for code in [400, 401, 403, 404, 422] {
        let server = ApiServer::start().await;
        server.fails_next([Fault::Answers(code)]);
        let sink = sink(&server, |_| {});
        send(&sink, crash("1", "search")).await;
        send(&sink, crash("2", "search")).await;
        sink.flush().await;
        assert_eq!(server.requests(), ["POST"; 2], "{code}");
        let counts = sink.counts();
        assert_eq!(
            (counts.created, counts.dropped_for(Dropped::Refused)),
            (1, 1),
            "{code}"
        );
    }
}

#[tokio::test]
async fn an_api_that_is_away_is_counted_and_found_again() {
    let server = ApiServer::start().await;
    server.fails(Some(Fault::Answers(503)));
    let sink = sink(&server, |config| config.rate.burst = 1);
    for id in ["1", "2"] {
        send(&sink, crash(id, id)).await;
    }
    sink.flush().await;
    assert_eq!(sink.counts().dropped_for(Dropped::Unavailable), 2);
    assert_eq!(server.requests(), ["POST"; 6]);
    // What the outage took counts for no burst.
    server.fails(None);
    send(&sink, crash("3", "a")).await;
    sink.flush().await;
    assert_eq!(sink.counts().created, 1);
}

#[tokio::test]
async fn the_task_ends_with_the_sink_though_the_api_hangs() {
    let server = ApiServer::start().await;
    let sink = sink(&server, |config| config.timeout = Duration::from_millis(50));
    server.fails(Some(Fault::Hangs));
    for number in 0..500 {
        send(&sink, crash(&number.to_string(), &number.to_string())).await;
    }
    let metrics = tokio::runtime::Handle::current().metrics();
    let before = metrics.num_alive_tasks();
    drop(sink);
    let ended = async {
        while metrics.num_alive_tasks() >= before {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), ended)
        .await
        .unwrap();
}

#[tokio::test]
async fn troubles_are_logged_once_and_quote_nothing() {
    let log = Log::listen();
    let server = ApiServer::start().await;
    server.fails(Some(Fault::Answers(403)));
    let sink = sink(&server, |_| {});
    for number in 0..20 {
        send(
            &sink,
            crash(&number.to_string(), &format!("canary-{number}")),
        )
        .await;
    }
    sink.flush().await;
    let text = log.text();
    let ours: Vec<_> = text
        .lines()
        .filter(|line| line.contains("Kubernetes"))
        .collect();
    assert_eq!(ours.len(), 1, "{ours:?}");
    assert!(ours[0].contains("grant create and patch on events of events.k8s.io"));
    assert!(
        !text.contains("canary") && !text.contains("quotes the request"),
        "{text}"
    );
}
