use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;

use crate::client::{event, get, structured};
use crate::host::Host;

#[tokio::test]
async fn a_stop_finishes_what_is_in_work_and_takes_nothing_new() {
    let mut host = Host::start().await;
    let mut busy = host.client().await;
    busy.send(structured(event("1", "fate.wait"))).await;
    host.arrived(1).await;
    let mut idle = host.client().await;
    assert_eq!(idle.ask(get("/livez")).await.status, 200);
    host.ask_to_stop();
    assert_eq!(idle.rest().await, b"", "idle connections close at once");
    assert!(TcpStream::connect(host.addr).await.is_err());
    host.state.gate.add_permits(1);
    let answer = busy.answer().await;
    assert_eq!(
        (answer.status, answer.header("connection")),
        (204, Some("close"))
    );
    assert_eq!(busy.rest().await, b"");
    let state = Arc::clone(&host.state);
    assert_eq!(host.stopped().await.cut, 0);
    assert_eq!(state.sink.kept.events().len(), 1);
}

#[tokio::test]
async fn a_stop_waits_for_events_that_nobody_waits_for_any_more() {
    let mut host = Host::start_with(|config| {
        config.limits.answer_timeout = Duration::from_millis(50);
    })
    .await;
    let mut client = host.client().await;
    assert_eq!(
        client.ask(structured(event("1", "fate.wait"))).await.status,
        503
    );
    drop(client);
    host.ask_to_stop();
    assert!(host.goes_on().await);
    let state = Arc::clone(&host.state);
    state.gate.add_permits(1);
    let drained = host.stopped().await;
    assert_eq!((drained.cut, drained.in_work), (0, 0));
    assert_eq!(state.sink.kept.events().len(), 1);
}

#[tokio::test]
async fn a_stop_does_not_wait_for_ever() {
    let mut host = Host::start_with(|config| {
        config.limits.shutdown_grace = Duration::from_millis(100);
    })
    .await;
    let mut busy = host.client().await;
    busy.send(structured(event("1", "fate.wait"))).await;
    host.arrived(1).await;
    let mut half = host.client().await;
    half.send(b"POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n\r\n")
        .await;
    host.ask_to_stop();
    assert_eq!(busy.rest().await, b"", "cut off");
    assert_eq!(half.rest().await.len(), 0);
    let state = Arc::clone(&host.state);
    let drained = host.stopped().await;
    assert_eq!(drained.in_work, 1);
    // Events that were handed over are none of the connection's business.
    state.gate.add_permits(1);
    let kept = async {
        while state.sink.kept.events().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), kept)
        .await
        .unwrap();
}
