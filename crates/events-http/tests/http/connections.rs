use std::time::Duration;

use tokio::time::timeout;

use crate::client::{event, get, request, structured};
use crate::host::Host;

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let host = Host::start().await;
    let mut client = host.client().await;
    for id in 0..5 {
        assert_eq!(
            client
                .ask(structured(event(&id.to_string(), "t")))
                .await
                .status,
            204
        );
        assert_eq!(client.ask(structured("{")).await.status, 400);
    }
    assert_eq!(host.kept(), ["0", "1", "2", "3", "4"]);
}

#[tokio::test]
async fn requests_sent_at_once_are_answered_in_order() {
    let host = Host::start().await;
    let mut client = host.client().await;
    let all = [
        structured(event("1", "t")),
        get("/v1/nothing"),
        structured(event("2", "t")),
        get("/livez"),
    ];
    client.send(all.concat()).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(client.answer().await.status);
    }
    assert_eq!(statuses, [204, 404, 204, 200]);
    assert_eq!(host.kept(), ["1", "2"]);
}

#[tokio::test]
async fn the_body_of_a_refused_request_is_not_the_next_request() {
    let host = Host::start().await;
    let mut client = host.client().await;
    let hidden = get("/livez");
    let post = request(
        "POST",
        "/v1/events",
        "content-type: application/json\r\n",
        &hidden,
    );
    assert_eq!(client.ask(post).await.status, 415);
    // The connection may close or go on, but what was the body stays the body.
    client.try_send(get("/startupz")).await;
    if let Some(answer) = client.answer_or_end().await {
        assert_eq!(answer.json()["started"], true);
    }
    assert_eq!(host.count("GET /livez 200"), 0);
}

#[tokio::test]
async fn a_client_that_expects_100_is_told_to_go_on() {
    let host = Host::start().await;
    let mut client = host.client().await;
    let body = event("1", "t");
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n\
                        content-type: application/cloudevents+json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    assert_eq!(client.ask(head).await.status, 100);
    assert_eq!(client.ask(body).await.status, 204);
}

#[tokio::test]
async fn an_old_client_needs_no_host() {
    let host = Host::start().await;
    let answer = host.client().await.ask("GET /livez HTTP/1.0\r\n\r\n").await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn idle_connections_make_room_for_those_that_ask() {
    let host = capped(2).await;
    let mut idle = Vec::new();
    for _ in 0..2 {
        let mut client = host.client().await;
        assert_eq!(client.ask(get("/livez")).await.status, 200);
        idle.push(client);
    }
    let mut newcomer = host.client().await;
    assert_eq!(soon(newcomer.ask(get("/livez"))).await.status, 200);
    // The one that had waited longest went, the other did not.
    let first = idle.remove(0);
    assert_eq!(soon(first.rest()).await, b"");
    assert_eq!(soon(idle.remove(0).ask(get("/livez"))).await.status, 200);
}

#[tokio::test]
async fn who_was_idle_and_asks_again_keeps_its_place() {
    let host = capped(2).await;
    let mut first = host.client().await;
    assert_eq!(first.ask(get("/livez")).await.status, 200);
    let mut second = host.client().await;
    assert_eq!(second.ask(get("/livez")).await.status, 200);
    first.send(structured(event("1", "fate.wait"))).await;
    host.arrived(1).await;
    let mut newcomer = host.client().await;
    assert_eq!(soon(newcomer.ask(get("/livez"))).await.status, 200);
    assert_eq!(soon(second.rest()).await, b"");
    host.state.gate.add_permits(1);
    assert_eq!(first.answer().await.status, 204);
}

#[tokio::test]
async fn silent_connections_make_room_too() {
    let host = capped(2).await;
    let mut silent = Vec::new();
    for _ in 0..10 {
        silent.push(host.client().await);
    }
    let mut newcomer = host.client().await;
    assert_eq!(soon(newcomer.ask(get("/livez"))).await.status, 200);
}

#[tokio::test]
async fn requests_in_work_are_never_cut_for_newcomers() {
    let host = capped(1).await;
    let mut busy = host.client().await;
    busy.send(structured(event("1", "fate.wait"))).await;
    host.arrived(1).await;
    let mut newcomer = host.client().await;
    newcomer.send(get("/livez")).await;
    host.state.gate.add_permits(1);
    assert_eq!(busy.answer().await.status, 204);
    assert_eq!(soon(newcomer.answer()).await.status, 200);
}

#[tokio::test]
async fn more_requests_than_allowed_in_work_are_429() {
    let host = Host::start_with(|config| config.limits.max_in_flight = 1).await;
    let mut busy = host.client().await;
    busy.send(structured(event("1", "fate.wait"))).await;
    host.arrived(1).await;
    let mut other = host.client().await;
    let answer = other.ask(structured(event("2", "t"))).await;
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (429, Some("1"))
    );
    answer.problem();
    assert_eq!(
        other.ask(get("/livez")).await.status,
        200,
        "probes are answered all the same"
    );
    host.state.gate.add_permits(1);
    assert_eq!(busy.answer().await.status, 204);
    assert_eq!(other.ask(structured(event("2", "t"))).await.status, 204);
}

#[tokio::test]
async fn more_bytes_than_allowed_in_work_are_429() {
    let host = Host::start_with(|config| config.limits.max_buffered = 200).await;
    let mut busy = host.client().await;
    busy.send(structured(event("1", "fate.wait"))).await;
    host.arrived(1).await;
    let mut other = host.client().await;
    let answer = other.ask(structured(event(&"2".repeat(150), "t"))).await;
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (429, Some("1"))
    );
}

#[tokio::test]
async fn who_hangs_up_after_the_last_byte_has_sent_an_event() {
    let host = Host::start_with(|config| config.limits.max_in_flight = 1).await;
    let mut client = host.client().await;
    client.send(structured(event("1", "fate.wait"))).await;
    host.arrived(1).await;
    drop(client);
    // What is in work counts as such for as long as it is, whoever waits for it.
    let mut other = host.client().await;
    assert_eq!(other.ask(structured(event("2", "t"))).await.status, 429);
    host.state.gate.add_permits(1);
    host.keeps(1).await;
}

#[tokio::test]
async fn who_has_said_everything_and_hangs_up_halfway_is_answered() {
    let host = Host::start().await;
    let mut client = host.client().await;
    client.send(structured(event("1", "fate.wait"))).await;
    client.end().await;
    host.arrived(1).await;
    host.state.gate.add_permits(1);
    assert_eq!(client.answer().await.status, 204);
    assert_eq!(client.rest().await, b"");
}

async fn capped(connections: usize) -> Host {
    Host::start_with(|config| config.limits.max_connections = connections).await
}

/// Well before any of the default time limits is over.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(4), future)
        .await
        .expect("no wait")
}
