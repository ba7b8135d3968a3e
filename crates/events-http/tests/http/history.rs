use std::time::Duration;

use events_core::time::now;
use events_http::HistoryTrouble;
use serde_json::Value;

use crate::client::{Client, get, request};
use crate::host::Host;
use crate::shelf::{Shelf, Trouble};

/// The ids of the events in an answer, and whether it is whole.
async fn ids(client: &mut Client, path: &str) -> (Vec<String>, bool) {
    client.send(get(path)).await;
    let head = client.head().await;
    assert_eq!(head.status, 200, "{path}");
    assert_eq!(head.header("content-type"), Some("application/x-ndjson"));
    let (body, whole) = client.chunked_body().await;
    let id = |line: &str| {
        let event: Value = serde_json::from_str(line).unwrap();
        event["id"].as_str().unwrap().to_owned()
    };
    (body.lines().map(id).collect(), whole)
}

fn numbers(range: std::ops::RangeInclusive<u64>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

#[tokio::test]
async fn the_newest_come_in_order_of_time() {
    let shelf = Shelf::with(250);
    let host = Host::start_keeping(&shelf, |_| {}).await;
    let mut client = host.client().await;
    let path = "/v1/events";
    assert_eq!(ids(&mut client, path).await, (numbers(151..=250), true));
    let path = "/v1/events?limit=3";
    assert_eq!(ids(&mut client, path).await, (numbers(248..=250), true));
    let path = "/v1/events?limit=10000";
    assert_eq!(ids(&mut client, path).await, (numbers(1..=250), true));
    client.send(request("HEAD", path, "", "")).await;
    assert_eq!(client.answer_to_head().await.status, 200);
    let none = client.ask(get("/v1/events?type=other")).await;
    assert_eq!((none.status, none.body.len()), (200, 0));
}

#[tokio::test]
async fn a_line_is_the_event_as_it_left_the_chain() {
    let shelf = Shelf::empty();
    let event = shelf.add("single", 100_000);
    let host = Host::start_keeping(&shelf, |_| {}).await;
    let mut client = host.client().await;
    client.send(get("/v1/events")).await;
    client.head().await;
    let (body, whole) = client.chunked_body().await;
    assert!(whole);
    assert_eq!(body.as_bytes(), [event.bytes(), b"\n".as_slice()].concat());
}

#[tokio::test]
async fn filters_arrive_as_they_were_meant() {
    let shelf = Shelf::with(1);
    let host = Host::start_keeping(&shelf, |_| {}).await;
    let before = now();
    let path = "/v1/events?subject=consign.*.%3E&type=t&source=/s&tenant=acme&since=2h\
                &until=2999-01-01T00:00:00Z";
    assert_eq!(host.client().await.ask(get(path)).await.status, 200);
    let asked = shelf.asked.lock().unwrap().take().unwrap();
    assert_eq!(asked.filter.subject.unwrap().as_str(), "consign.*.>");
    assert_eq!(asked.filter.kind.unwrap().as_str(), "t");
    assert_eq!(asked.filter.source.unwrap().as_str(), "/s");
    assert!(asked.tenants.hold(&"acme".parse().unwrap()));
    assert!(!asked.tenants.hold(&"single".parse().unwrap()));
    let age = before - asked.filter.since.unwrap();
    assert!((119..=120).contains(&age.num_minutes()), "{age}");
    assert_eq!(
        asked.filter.until.unwrap().to_rfc3339(),
        "2999-01-01T00:00:00+00:00"
    );
}

#[tokio::test]
async fn what_breaks_off_looks_broken() {
    let gone = Trouble::Breaks(HistoryTrouble::Unavailable("gone".into()));
    for trouble in [gone, Trouble::FallsSilent, Trouble::Panics] {
        let shelf = Shelf::empty();
        for _ in 0..200 {
            shelf.add("single", 10_000);
        }
        *shelf.trouble.lock().unwrap() = Some((150, trouble));
        let host = Host::start_keeping(&shelf, |config| {
            config.limits.answer_timeout = Duration::from_millis(200);
        })
        .await;
        let mut client = host.client().await;
        let (ids, whole) = ids(&mut client, "/v1/events?limit=200").await;
        assert!(!whole, "{} events", ids.len());
        assert_eq!(client.rest().await, b"", "the connection is over");
    }
}

#[tokio::test]
async fn what_fails_at_once_is_a_problem() {
    let away = || Trouble::Breaks(HistoryTrouble::Unavailable("no".into()));
    let failed = Trouble::Breaks(HistoryTrouble::Failed("no".into()));
    for (after, trouble, status, retry) in [
        (0, away(), 503, true),
        (9, away(), 503, true),
        (0, failed, 500, false),
        (0, Trouble::FallsSilent, 504, false),
    ] {
        let shelf = Shelf::with(9);
        *shelf.trouble.lock().unwrap() = Some((after, trouble));
        let host = Host::start_keeping(&shelf, |config| {
            config.limits.answer_timeout = Duration::from_millis(50);
        })
        .await;
        let answer = host.client().await.ask(get("/v1/events")).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("retry-after").is_some(), retry, "{status}");
        answer.problem();
    }
}

#[tokio::test]
async fn everything_wrong_with_the_query_is_said_at_once() {
    let shelf = Shelf::with(1);
    let host = Host::start_keeping(&shelf, |_| {}).await;
    let mut client = host.client().await;
    for path in ["/v1/events", "/v1/events/stream"] {
        let answer = client
            .ask(get(&format!(
                "{path}?subject=..&type=&source=%00&tenant=a.b&since=hell&until=hell&limit=0&x=hell"
            )))
            .await;
        assert_eq!(answer.status, 400);
        let problem = answer.problem();
        let violations = problem["violations"].as_array().unwrap();
        assert_eq!(violations.len(), 8, "{problem}");
        assert!(!problem.to_string().contains("hell"), "{problem}");
    }
    let after = client.ask(get("/v1/events?after=S:1")).await;
    assert_eq!(after.status, 400, "history has no place to go on from");
}

#[tokio::test]
async fn a_body_that_cannot_tell_its_end_is_not_begun() {
    let shelf = Shelf::with(1);
    let host = Host::start_keeping(&shelf, |_| {}).await;
    let old = "GET /v1/events HTTP/1.0\r\nhost: localhost\r\n\r\n";
    assert_eq!(host.client().await.ask(old).await.status, 505);
}

#[tokio::test]
async fn who_reads_slowly_holds_back_history_and_a_place() {
    let shelf = Shelf::empty();
    for _ in 0..1000 {
        shelf.add("single", 50_000);
    }
    let host = Host::start_keeping(&shelf, |config| config.limits.max_histories = 1).await;
    let mut slow = host.client().await;
    slow.send(get("/v1/events?limit=1000")).await;
    slow.head().await;
    let mut other = host.client().await;
    let answer = other.ask(get("/v1/events")).await;
    assert_eq!(answer.status, 429);
    assert!(answer.header("retry-after").is_some());
    let told = *shelf.told.lock().unwrap();
    assert!(told < 900, "{told} events were asked for that nobody read");
    let (body, whole) = slow.chunked_body().await;
    assert_eq!((body.lines().count(), whole), (1000, true));
    assert_eq!(other.ask(get("/v1/events?type=x")).await.status, 200);
}

#[tokio::test]
async fn without_history_there_is_none() {
    let host = Host::start().await;
    let mut client = host.client().await;
    for path in ["/v1/events", "/v1/events/stream"] {
        let answer = client.ask(get(path)).await;
        assert_eq!(answer.status, 404, "{path}");
        answer.problem();
    }
}
