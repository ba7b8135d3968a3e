use std::time::Duration;

use sink_jetstream::{ConnectOptions, FailureClass, connect};
use tokio::io::AsyncReadExt as _;
use tokio::time::Instant;

use super::support::{connected, failure, listener, options, server, signal, wait_for, welcome};

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
    assert_eq!(state.server.unwrap().url, server.url());
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
async fn a_name_that_leads_nowhere_is_told() {
    let failure = failure(&options(&["nats://otto:c4nary@no-such-host.invalid"])).await;
    assert_eq!(failure.class, FailureClass::Other);
    let host = "nats://no-such-host.invalid:4222";
    assert!(failure.words.contains(host), "{failure}");
}

#[tokio::test]
async fn attempts_end_where_they_are_limited() {
    let (listener, url) = listener().await;
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
    let (listener, url) = listener().await;
    let mut connection = connect(&options(&[&url])).await.unwrap();
    let mut stream = welcome(&listener).await;
    wait_for(&mut connection, |state| state.connected).await;
    let client = connection.client.clone();
    drop(connection);
    client.publish("last", "words".into()).await.unwrap();
    let mut heard = Vec::new();
    while !heard.ends_with(b"PUB last 5\r\nwords\r\n") {
        assert_ne!(
            stream.read_buf(&mut heard).await.unwrap(),
            0,
            "one clone holds it open"
        );
    }
    drop(client);
    let end = stream.read_buf(&mut heard);
    let end = tokio::time::timeout(Duration::from_secs(5), end).await;
    assert_eq!(end.expect("the connection ends").unwrap(), 0);
}

#[tokio::test]
async fn attempts_are_spread_and_never_a_hot_loop() {
    // Whoever connects is told that the login is wrong: the case in which the client would begin
    // again without a wait.
    let (listener, url) = listener().await;
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

#[tokio::test]
async fn a_server_that_shuts_down_gently_says_so() {
    let Some(server) = server("lame_duck_duration: 30s, lame_duck_grace_period: 10s").await else {
        return;
    };
    let (mut connection, _) = connected(&options(&[&server.url()])).await;
    signal(&server, "USR2").await;
    let state = wait_for(&mut connection, |state| state.lame_duck).await;
    assert!(state.connected, "{state:?}");
}

#[tokio::test]
async fn no_length_of_time_breaks_the_client() {
    let Some(mut server) = server("").await else {
        return;
    };
    for time in [Duration::ZERO, Duration::MAX] {
        let extreme = ConnectOptions {
            connect_timeout: time.max(Duration::from_secs(2)),
            ping_interval: time,
            reconnect_wait: time,
            reconnect_max_wait: time,
            ..options(&[&server.url()])
        };
        let (mut connection, _) = connected(&extreme).await;
        server.kill().await.unwrap();
        let state = wait_for(&mut connection, |state| !state.connected).await;
        assert!(!state.closed, "{state:?}");
        server.restart().await.unwrap();
    }
}
