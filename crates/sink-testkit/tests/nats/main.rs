//! The runners of real servers. Skipped, saying so, where there is no binary.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cluster;
mod server;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpStream;

struct Client(Lines<BufReader<TcpStream>>);

impl Client {
    async fn connect(url: &str) -> Self {
        let address = url.strip_prefix("nats://").unwrap();
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
            "CONNECT {{\"verbose\":false,\"protocol\":1}}\r\nSUB answer 1\r\nPING\r\nPUB {subject} answer {length}\r\n{body}\r\n"
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
