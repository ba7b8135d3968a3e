use std::time::Duration;

use sink_testkit::nats::NatsServer;
use tokio::time::timeout;

use crate::Client;

#[tokio::test]
async fn a_server_says_hello_and_goes_when_it_is_dropped() {
    let Some(server) = NatsServer::start_or_skip().await else {
        return;
    };
    let mut client = Client::connect(&server.url()).await;
    let hello = client.line().await.unwrap();
    assert!(hello.starts_with("INFO {") && hello.contains("\"jetstream\":true"));
    drop(server);
    assert_eq!(client.line().await, None);
}

#[tokio::test]
async fn a_killed_server_starts_again_on_its_port_with_its_streams() {
    let Some(mut server) = NatsServer::start_or_skip().await else {
        return;
    };
    let url = server.url();
    let mut client = Client::connect(&server.url()).await;
    let stream = r#"{"name":"KEPT","subjects":["kept.>"]}"#;
    let created = client.ask("$JS.API.STREAM.CREATE.KEPT", stream).await;
    assert!(created.contains("\"did_create\":true"), "{created}");
    server.kill().await.unwrap();
    assert_eq!(client.line().await, None);
    server.restart().await.unwrap();
    assert_eq!(server.url(), url);
    let mut client = Client::connect(&server.url()).await;
    let names = client.ask("$JS.API.STREAM.NAMES", "").await;
    assert!(names.contains("\"KEPT\""), "{names}");
    server.stop().await.unwrap();
    assert_eq!(client.line().await, None);
}

#[tokio::test]
async fn a_server_whose_port_was_taken_starts_once_it_is_free() {
    let Some(mut server) = NatsServer::start_or_skip().await else {
        return;
    };
    let address = server.url().strip_prefix("nats://").unwrap().to_owned();
    server.kill().await.unwrap();
    let taken = std::net::TcpListener::bind(&address).unwrap();
    assert!(server.restart().await.is_err());
    drop(taken);
    server.restart().await.unwrap();
    assert!(Client::connect(&server.url()).await.line().await.is_some());
}

#[tokio::test]
async fn lines_for_its_configuration_reach_the_server() {
    if NatsServer::start_or_skip().await.is_none() {
        return;
    }
    let config = "max_payload: 4096\njetstream { sync_interval: always }";
    let server = NatsServer::start_with(config).await.unwrap();
    let hello = Client::connect(&server.url()).await.line().await.unwrap();
    assert!(hello.contains("\"max_payload\":4096"), "{hello}");
    let refused = NatsServer::start_with("no such setting").await;
    let why = refused.unwrap_err().to_string();
    assert!(why.contains("ended with"), "{why}");
}

#[tokio::test]
async fn a_paused_server_keeps_silent_and_resumes_where_it_was() {
    let Some(mut server) = NatsServer::start_or_skip().await else {
        return;
    };
    let mut client = Client::connect(&server.url()).await;
    assert!(client.line().await.is_some());
    server.pause().unwrap();
    let asked = timeout(Duration::from_millis(100), client.ask("$JS.API.INFO", ""));
    assert!(asked.await.is_err());
    server.resume().unwrap();
    while !client
        .line()
        .await
        .unwrap()
        .contains("account_info_response")
    {}
    server.pause().unwrap();
    server.stop().await.unwrap();
    assert_eq!(server.process_id(), None);
    assert!(server.pause().is_err());
}

#[tokio::test]
async fn a_lame_duck_says_so_and_lets_its_clients_go() {
    if NatsServer::start_or_skip().await.is_none() {
        return;
    }
    let config = "lame_duck_grace_period: 10ms\nlame_duck_duration: 30s";
    let server = NatsServer::start_with(config).await.unwrap();
    let mut client = Client::connect(&server.url()).await;
    client.ask("$JS.API.INFO", "").await;
    server.lame_duck().unwrap();
    while !client.line().await.unwrap().contains("\"ldm\":true") {}
    while client.line().await.is_some() {}
}
