use std::time::Duration;

use sink_jetstream::{ConnectOptions, FailureClass, connect};
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::support::{connected, options, server, wait_for};

#[tokio::test]
async fn a_broker_that_is_away_is_no_error_and_the_state_says_so() {
    let Some(mut server) = server("max_payload: 4096").await else {
        return;
    };
    server.kill().await.unwrap();
    let mut connection = connect(&options(&[&server.url()])).await.unwrap();
    let state = wait_for(&mut connection, |state| state.last_error.is_some()).await;
    assert!(!state.connected && !state.closed && state.generation == 0);
    assert_eq!(state.last_error.unwrap().class, FailureClass::Other);
    server.restart().await.unwrap();
    let state = wait_for(&mut connection, |state| state.connected).await;
    assert_eq!((state.generation, state.max_payload), (1, Some(4096)));
    assert_eq!(state.last_error, None);
}

#[tokio::test]
async fn every_connection_has_its_number_and_its_limits() {
    let Some(mut server) = server("max_payload: 4096").await else {
        return;
    };
    let (mut connection, state) = connected(&options(&[&server.url()])).await;
    assert_eq!((state.generation, state.max_payload), (1, Some(4096)));
    server.kill().await.unwrap();
    let state = wait_for(&mut connection, |state| !state.connected).await;
    assert!(
        state.last_error.is_some() && state.server.is_some(),
        "{state:?}"
    );
    let config = server.directory().join("nats.conf");
    std::fs::write(config, "max_payload: 8192").unwrap();
    server.restart().await.unwrap();
    let state = wait_for(&mut connection, |state| state.connected).await;
    assert_eq!((state.generation, state.max_payload), (2, Some(8192)));
}

#[tokio::test]
async fn another_server_of_the_list_takes_over() {
    let (Some(mut one), Some(other)) = (server("").await, server("").await) else {
        return;
    };
    let (mut connection, state) = connected(&options(&[&one.url()])).await;
    assert_eq!(state.server.unwrap().url, one.url());
    connection = {
        let both = options(&[&one.url(), &other.url(), "nats://no-such-host.invalid:4222"]);
        drop(connection);
        connect(&both).await.unwrap()
    };
    wait_for(&mut connection, |state| state.connected).await;
    one.kill().await.unwrap();
    let is_there = |state: &sink_jetstream::ConnectionState| {
        let server = state.server.as_ref();
        state.connected && server.is_some_and(|server| server.url == other.url())
    };
    wait_for(&mut connection, is_there).await;
}

#[tokio::test]
async fn attempts_end_where_they_are_limited() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("nats://{}", listener.local_addr().unwrap());
    drop(listener);
    let limited = ConnectOptions {
        max_reconnects: Some(3),
        ..options(&[&url])
    };
    let mut connection = connect(&limited).await.unwrap();
    let state = wait_for(&mut connection, |state| state.closed).await;
    assert!(!state.connected && state.last_error.is_some(), "{state:?}");
}

#[tokio::test]
async fn a_client_that_is_dropped_lets_go_of_the_server() {
    let Some(server) = server("").await else {
        return;
    };
    let (mut connection, _) = connected(&options(&[&server.url()])).await;
    let mut state = connection.state.clone();
    let client = connection.client.clone();
    wait_for(&mut connection, |state| state.connected).await;
    drop(connection);
    client.flush().await.unwrap();
    assert!(!state.borrow().closed);
    drop(client);
    let closed = state.wait_for(|state| state.closed);
    tokio::time::timeout(Duration::from_secs(5), closed)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn attempts_are_spread_and_never_a_hot_loop() {
    // Whoever connects is told that the login is wrong: the case in which the client would begin
    // again without a wait.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("nats://{}", listener.local_addr().unwrap());
    let patient = ConnectOptions {
        reconnect_wait: Duration::from_millis(50),
        reconnect_max_wait: Duration::from_millis(400),
        ..options(&[&url])
    };
    let _connection = connect(&patient).await.unwrap();
    let begin = Instant::now();
    let mut attempts = 0_u32;
    while begin.elapsed() < Duration::from_secs(2) {
        let accepted = tokio::time::timeout(Duration::from_millis(100), listener.accept()).await;
        if let Ok(Ok((stream, _))) = accepted {
            attempts += 1;
            super::broken::refuse_login(stream).await;
        }
    }
    // Even with every wait at its mean there would be about a dozen; without any, thousands.
    assert!((3..60).contains(&attempts), "{attempts} attempts");
}
