use std::net::SocketAddr;

use events_http::{Config, Server};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::{ALONE, peak_memory, ports};

/// 64 clients pour 32 MiB each, in bodies without end and in declared ones.
#[tokio::test]
async fn two_gibibytes_of_bodies_leave_memory_flat() {
    let _alone = ALONE.lock().await;
    let config = Config::new("127.0.0.1:0".parse().unwrap());
    let server = Server::bind(config, ports()).await.unwrap();
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

const PIECE: usize = 0x10000;
