//! How much memory hostile clients can make a server hold. A process of its own, since the system
//! counts memory by process.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use events_core::{ErrorKind, Event, SinkError};
use events_http::{Accepted, Config, Intake, Ports, Readiness, Server, Status};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// 64 clients pour 32 MiB each, in bodies without end and in declared ones.
#[tokio::test]
async fn two_gibibytes_of_bodies_leave_memory_flat() {
    let ports = Ports {
        intake: Arc::new(Nobody),
        status: Arc::new(Nobody),
        observer: Arc::new(()),
        dead_letters: None,
        history: None,
        tail: None,
    };
    let config = Config::new("127.0.0.1:0".parse().unwrap());
    let server = Server::bind(config, ports).await.unwrap();
    let addr = server.local_addr();
    tokio::spawn(server.serve(std::future::pending()));

    let before = peak_memory();
    let mut clients = JoinSet::new();
    for turn in 0..64 {
        let (length, chunk) = if turn % 2 == 0 {
            ("transfer-encoding: chunked", chunked())
        } else {
            ("content-length: 33554432", vec![b' '; PIECE])
        };
        clients.spawn(pour(addr, length, chunk));
    }
    while let Some(answer) = clients.join_next().await {
        let answer = answer.unwrap();
        assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    let grown = peak_memory() - before;
    assert!(grown < 96 << 20, "memory grew by {} MiB", grown >> 20);
}

/// Sends as much as the server takes, and returns what it says.
async fn pour(addr: SocketAddr, length: &str, piece: Vec<u8>) -> String {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nhost: localhost\r\n\
         content-type: application/cloudevents+json\r\n{length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..512 {
        if stream.write_all(&piece).await.is_err() {
            break;
        }
    }
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn chunked() -> Vec<u8> {
    [b"10000\r\n".as_slice(), &[b' '; PIECE], b"\r\n"].concat()
}

/// The most memory this process has held, in bytes.
fn peak_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.unwrap().trim().trim_end_matches(" kB");
    kib.parse::<usize>().unwrap() * 1024
}

const PIECE: usize = 0x10000;

/// Nothing that is sent here is an event, so nobody is needed behind the ports.
struct Nobody;

#[async_trait]
impl Intake for Nobody {
    async fn accept(&self, events: Vec<Event>) -> Vec<Result<Accepted, SinkError>> {
        let refuse = |_| Err(SinkError::new(ErrorKind::Config, "have a chain"));
        events.into_iter().map(refuse).collect()
    }
}

impl Status for Nobody {
    fn started(&self) -> bool {
        true
    }

    fn readiness(&self) -> Readiness {
        Readiness {
            ready: false,
            degraded: Vec::new(),
        }
    }

    fn status(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    fn metrics(&self) -> String {
        String::new()
    }

    fn jwks(&self) -> String {
        String::new()
    }
}
