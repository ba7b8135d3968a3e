use std::time::Duration;

use tokio::time::{Instant, interval, sleep};

use crate::client::{Client, event, get, structured};
use crate::host::Host;

const SHORT: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_head_that_trickles_in_is_408() {
    let host = Host::start_with(|config| config.limits.header_timeout = SHORT).await;
    let began = Instant::now();
    let client = host.client().await;
    let said = trickle(
        client,
        b"GET /livez HTTP/1.1\r\nhost: localhost\r\nx-padding: ",
        b'x',
    )
    .await;
    assert!(
        said.starts_with(b"HTTP/1.1 408 "),
        "{}",
        said.escape_ascii()
    );
    assert!(began.elapsed() >= SHORT && began.elapsed() < SHORT * 20);
}

#[tokio::test]
async fn a_second_head_has_no_more_time_than_the_first() {
    let host = Host::start_with(|config| config.limits.header_timeout = SHORT).await;
    let mut client = host.client().await;
    assert_eq!(client.ask(get("/livez")).await.status, 200);
    sleep(SHORT * 2).await;
    let said = trickle(client, b"GET /li", b'v').await;
    assert!(
        said.starts_with(b"HTTP/1.1 408 "),
        "{}",
        said.escape_ascii()
    );
}

#[tokio::test]
async fn who_says_nothing_is_hung_up_on() {
    let host = Host::start_with(|config| config.limits.header_timeout = SHORT).await;
    assert_eq!(host.client().await.rest().await, b"");
}

#[tokio::test]
async fn between_requests_the_idle_time_counts() {
    let host = Host::start_with(|config| {
        config.limits.header_timeout = SHORT;
        config.limits.idle_timeout = SHORT * 8;
    })
    .await;
    let mut client = host.client().await;
    for _ in 0..2 {
        assert_eq!(client.ask(get("/livez")).await.status, 200);
        sleep(SHORT * 2).await;
    }
    let since = Instant::now();
    assert_eq!(client.rest().await, b"");
    assert!(since.elapsed() < SHORT * 20);
}

#[tokio::test]
async fn a_body_that_trickles_in_is_408() {
    let host = Host::start_with(|config| config.limits.body_timeout = SHORT).await;
    let head = b"POST /v1/events HTTP/1.1\r\nhost: localhost\r\n\
                 content-type: application/cloudevents+json\r\ncontent-length: 100000\r\n\r\n";
    let said = trickle(host.client().await, head, b' ').await;
    assert!(
        said.starts_with(b"HTTP/1.1 408 "),
        "{}",
        said.escape_ascii()
    );
    assert!(
        String::from_utf8(said)
            .unwrap()
            .contains("urn:consign:problem:timeout")
    );
}

#[tokio::test]
async fn who_does_not_read_answers_is_dropped() {
    let host = Host::start_with(|config| {
        config.limits.answer_timeout = SHORT;
        config.limits.max_connections = 1;
        config.limits.idle_timeout = LONG;
    })
    .await;
    host.answers_at_length();
    let mut deaf = host.client().await;
    deaf.send(get("/metrics")).await;
    let mut other = host.client().await;
    assert_eq!(other.ask(get("/livez")).await.status, 200);
    drop(deaf);
}

#[tokio::test]
async fn each_answer_has_its_own_time_to_be_read() {
    let host = Host::start_with(|config| config.limits.answer_timeout = SHORT * 2).await;
    let length = host.answers_at_length();
    let mut client = host.client().await;
    for _ in 0..2 {
        assert_eq!(client.ask(get("/metrics")).await.body.len(), length);
        sleep(SHORT * 3).await;
    }
}

#[tokio::test]
async fn custody_that_takes_too_long_is_503_and_goes_on() {
    let host = Host::start_with(|config| config.limits.answer_timeout = SHORT).await;
    let answer = host
        .client()
        .await
        .ask(structured(event("1", "fate.wait")))
        .await;
    assert_eq!(answer.status, 503);
    assert!(answer.header("retry-after").is_some());
    answer.problem();
    assert!(host.kept().is_empty());
    host.state.gate.add_permits(1);
    host.keeps(1).await;
}

/// Sends `start` and then one byte every now and then, until the server has said its last.
async fn trickle(mut client: Client, start: &[u8], byte: u8) -> Vec<u8> {
    client.send(start).await;
    let mut tick = interval(SHORT / 10);
    loop {
        tokio::select! {
            biased;
            () = client.heard_the_end() => return client.rest().await,
            _ = tick.tick() => {}
        }
        client.try_send([byte]).await;
    }
}
