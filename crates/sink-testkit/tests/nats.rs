//! The runner against a real server. Skipped, saying so, where there is none.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use sink_testkit::nats::NatsServer;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpStream;

struct Client(Lines<BufReader<TcpStream>>);

impl Client {
    async fn connect(server: &NatsServer) -> Self {
        let address = server.url().strip_prefix("nats://").unwrap().to_owned();
        let stream = TcpStream::connect(address).await.unwrap();
        Self(BufReader::new(stream).lines())
    }

    async fn line(&mut self) -> Option<String> {
        self.0.next_line().await.ok().flatten()
    }

    /// Asks JetStream, and returns what it answers.
    async fn ask(&mut self, subject: &str, body: &str) -> String {
        let length = body.len();
        let text = format!(
            "CONNECT {{\"verbose\":false}}\r\nSUB answer 1\r\nPUB {subject} answer {length}\r\n{body}\r\n"
        );
        self.0.get_mut().write_all(text.as_bytes()).await.unwrap();
        loop {
            let line = self.line().await.unwrap();
            if line.starts_with("MSG answer") {
                return self.line().await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn a_server_says_hello_and_goes_when_it_is_dropped() {
    let Some(server) = NatsServer::start_or_skip().await else {
        return;
    };
    let mut client = Client::connect(&server).await;
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
    let mut client = Client::connect(&server).await;
    let stream = r#"{"name":"KEPT","subjects":["kept.>"]}"#;
    let created = client.ask("$JS.API.STREAM.CREATE.KEPT", stream).await;
    assert!(created.contains("\"did_create\":true"), "{created}");
    server.kill().await.unwrap();
    assert_eq!(client.line().await, None);
    server.restart().await.unwrap();
    assert_eq!(server.url(), url);
    let mut client = Client::connect(&server).await;
    let names = client.ask("$JS.API.STREAM.NAMES", "").await;
    assert!(names.contains("\"KEPT\""), "{names}");
    server.stop().await.unwrap();
    assert_eq!(client.line().await, None);
}

#[tokio::test]
async fn lines_for_its_configuration_reach_the_server() {
    if NatsServer::start_or_skip().await.is_none() {
        return;
    }
    let config = "max_payload: 4096\njetstream { sync_interval: always }";
    let server = NatsServer::start_with(config).await.unwrap();
    let hello = Client::connect(&server).await.line().await.unwrap();
    assert!(hello.contains("\"max_payload\":4096"), "{hello}");
    let refused = NatsServer::start_with("no such setting").await;
    let why = refused.unwrap_err().to_string();
    assert!(why.contains("ended with"), "{why}");
}
