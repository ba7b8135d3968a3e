use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use events_core::{Event, EventSinkExt as _, NoopSink, WireEvent};
use events_http::{Config, Following, HistoryTrouble, Observer, Server, Tail, TailItem, Wanted};
use futures::StreamExt as _;
use futures::stream::{BoxStream, unfold};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::{ALONE, peak_memory, ports};

/// 16 clients watch an endless run of events of 64 KiB, and none reads more than its beginning.
#[tokio::test]
async fn deaf_watchers_of_endless_events_leave_memory_flat() {
    let _alone = ALONE.lock().await;
    let dropped = Arc::new(Dropped::default());
    let mut ports = ports();
    ports.tail = Some(Arc::new(Endless));
    ports.observer = Arc::clone(&dropped) as _;
    let mut config = Config::new("127.0.0.1:0".parse().unwrap());
    config.limits.sse_buffer_bytes = 512 * 1024;
    config.limits.sse_patience = Duration::from_millis(300);
    let server = Server::bind(config, ports).await.unwrap();
    let addr = server.local_addr();
    tokio::spawn(server.serve(std::future::pending()));

    let before = peak_memory();
    let mut deaf = Vec::new();
    for _ in 0..CLIENTS {
        deaf.push(watch(addr).await);
    }
    let all = async {
        while dropped.0.load(Ordering::Relaxed) < CLIENTS {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(30), all).await.unwrap();
    // What is held for a client, and as much again for what is being written.
    let grown = peak_memory() - before;
    assert!(grown < 40 << 20, "memory grew by {} MiB", grown >> 20);
}

async fn watch(addr: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let head = "GET /v1/events/stream HTTP/1.1\r\nhost: localhost\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    stream
}

#[derive(Default)]
struct Dropped(AtomicUsize);

impl Observer for Dropped {
    fn received(&self, _: events_core::codec::http::Mode, _: usize) {}

    fn refused(&self, _: events_core::ErrorKind) {}

    fn answered(&self, _: &events_http::Answered) {}

    fn following(&self, change: Following) {
        let dropped = usize::from(change == Following::Dropped);
        self.0.fetch_add(dropped, Ordering::Relaxed);
    }
}

/// Makes each event when it is asked for, so that every one takes memory of its own.
struct Endless;

#[async_trait]
impl Tail for Endless {
    async fn follow(
        &self,
        _: Wanted,
        _: Option<String>,
    ) -> Result<BoxStream<'static, TailItem>, HistoryTrouble> {
        let events = unfold(0_u64, async |number| {
            let id = format!("S:{number}");
            let event = large(&id);
            Some((TailItem::Event { id, event }, number + 1))
        });
        Ok(events.boxed())
    }
}

fn large(id: &str) -> WireEvent {
    let event =
        Event::builder(id, "/test", "run.done").json(&format!("\"{}\"", "x".repeat(0x10000)));
    NoopSink
        .seal(vec![event.build().unwrap()])
        .remove(0)
        .unwrap()
}

const CLIENTS: usize = 16;
