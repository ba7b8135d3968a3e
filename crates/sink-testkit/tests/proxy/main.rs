//! The proxy between plain sockets, and before a real server.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod messages;
mod streams;

use std::io::ErrorKind;
use std::time::Duration;

use sink_testkit::nats::{Counts, Proxy};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A client and the server's side of its connection, with a proxy between them.
struct Pair {
    proxy: Proxy,
    listener: TcpListener,
    client: TcpStream,
    server: TcpStream,
}

impl Pair {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = listener.local_addr().unwrap().to_string();
        let proxy = Proxy::start(&upstream).unwrap();
        let (client, server) = connect(&proxy, &listener).await;
        Self {
            proxy,
            listener,
            client,
            server,
        }
    }

    async fn connect(&self) -> (TcpStream, TcpStream) {
        connect(&self.proxy, &self.listener).await
    }

    /// The client's words arrive at the server, and the other way round.
    async fn talks(&mut self) {
        send(&mut self.client, "PING\r\n").await;
        assert_eq!(hear(&mut self.server, 6).await, "PING\r\n");
        send(&mut self.server, "PONG\r\n").await;
        assert_eq!(hear(&mut self.client, 6).await, "PONG\r\n");
    }
}

async fn connect(proxy: &Proxy, listener: &TcpListener) -> (TcpStream, TcpStream) {
    let client = dial(proxy).await;
    (client, listener.accept().await.unwrap().0)
}

async fn dial(proxy: &Proxy) -> TcpStream {
    let address = proxy.url().strip_prefix("nats://").unwrap().to_owned();
    TcpStream::connect(address).await.unwrap()
}

/// A connection that is reset: while it is made or after.
async fn is_turned_away(proxy: &Proxy) -> bool {
    let address = proxy.url().strip_prefix("nats://").unwrap().to_owned();
    let read = async { TcpStream::connect(address).await?.read(&mut [0]).await };
    matches!(read.await, Err(error) if error.kind() == ErrorKind::ConnectionReset)
}

async fn send(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
}

async fn hear(stream: &mut TcpStream, length: usize) -> String {
    let mut heard = vec![0; length];
    stream.read_exact(&mut heard).await.unwrap();
    String::from_utf8(heard).unwrap()
}

async fn is_silent(stream: &mut TcpStream) -> bool {
    let patience = Duration::from_millis(60);
    tokio::time::timeout(patience, stream.read_u8())
        .await
        .is_err()
}

async fn until(proxy: &Proxy, holds: impl Fn(&Counts) -> bool) {
    while !holds(&proxy.counts()) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
