use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A connection that sends bytes as they are and reads one answer after another.
pub(crate) struct Client {
    stream: TcpStream,
    unread: Vec<u8>,
}

/// One answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// A part of a body, or what comes instead.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Chunk {
    Data(Vec<u8>),
    /// The body is whole.
    End,
    /// The connection is over and the body is not.
    Cut,
}

impl Client {
    pub(crate) async fn connect(addr: SocketAddr) -> Self {
        Self {
            stream: TcpStream::connect(addr).await.unwrap(),
            unread: Vec::new(),
        }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Sends until the server takes no more, and says whether it took everything.
    pub(crate) async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).await.is_ok()
    }

    /// Says that nothing more will be sent.
    pub(crate) async fn end(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn ask(&mut self, request: impl AsRef<[u8]>) -> Answer {
        self.send(request).await;
        self.answer().await
    }

    pub(crate) async fn answer(&mut self) -> Answer {
        self.next_answer(false).await.expect("an answer")
    }

    /// The next answer, `None` where the server closes instead.
    pub(crate) async fn answer_or_end(&mut self) -> Option<Answer> {
        self.next_answer(false).await
    }

    /// The answer to a HEAD request, which has no body whatever its headers say.
    pub(crate) async fn answer_to_head(&mut self) -> Answer {
        self.next_answer(true).await.expect("an answer")
    }

    /// Waits until the server closes, keeping what it says for [`rest`](Self::rest).
    pub(crate) async fn heard_the_end(&mut self) {
        while self.read_more().await {}
    }

    /// Waits until the server closes, and returns what it still had to say.
    pub(crate) async fn rest(mut self) -> Vec<u8> {
        while self.read_more().await {}
        self.unread
    }

    /// The head of an answer whose body comes in chunks.
    pub(crate) async fn head(&mut self) -> Answer {
        let answer = self.answer().await;
        assert_eq!(answer.header("transfer-encoding"), Some("chunked"));
        answer
    }

    /// The next chunk of a body (RFC 9112, section 7.1).
    pub(crate) async fn chunk(&mut self) -> Chunk {
        loop {
            if let Some(end) = find(&self.unread, b"\r\n") {
                let length = std::str::from_utf8(&self.unread[..end]).unwrap();
                let length = usize::from_str_radix(length, 16).unwrap();
                let whole = end + 2 + length + 2;
                if self.unread.len() >= whole {
                    let chunk: Vec<u8> = self.unread.drain(..whole).collect();
                    return match length {
                        0 => Chunk::End,
                        _ => Chunk::Data(chunk[end + 2..whole - 2].to_vec()),
                    };
                }
            }
            if !self.read_more().await {
                return Chunk::Cut;
            }
        }
    }

    /// A body in chunks, and whether it is whole.
    pub(crate) async fn chunked_body(&mut self) -> (String, bool) {
        let mut body = Vec::new();
        loop {
            match self.chunk().await {
                Chunk::Data(chunk) => body.extend(chunk),
                Chunk::End => return (String::from_utf8(body).unwrap(), true),
                Chunk::Cut => return (String::from_utf8(body).unwrap(), false),
            }
        }
    }

    async fn next_answer(&mut self, headless: bool) -> Option<Answer> {
        let end = loop {
            if let Some(at) = find(&self.unread, b"\r\n\r\n") {
                break at + 4;
            }
            if !self.read_more().await {
                assert_eq!(self.unread, b"", "an answer breaks off");
                return None;
            }
        };
        let head = String::from_utf8(self.unread.drain(..end).collect()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut answer = Answer {
            status,
            head,
            body: Vec::new(),
        };
        let length = match answer.header("content-length") {
            Some(length) if !headless => length.parse().unwrap(),
            _ => 0,
        };
        while self.unread.len() < length {
            assert!(self.read_more().await, "an answer breaks off");
        }
        answer.body = self.unread.drain(..length).collect();
        Some(answer)
    }

    /// Whether there was more. A reset counts as an end.
    async fn read_more(&mut self) -> bool {
        let read = self.stream.read_buf(&mut self.unread);
        let read = timeout(PATIENCE, read).await.expect("the server to answer");
        read.is_ok_and(|length| length > 0)
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1);
        let mut pairs = lines.filter_map(|line| line.split_once(": "));
        pairs
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The parts of a problem that matter to a client, after a check of its form.
    pub(crate) fn problem(&self) -> Value {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        assert!(
            problem["type"]
                .as_str()
                .unwrap()
                .starts_with("urn:consign:problem:")
        );
        assert!(problem["title"].is_string() && problem["detail"].is_string());
        problem
    }
}

/// A request of `method` for `path` with further header lines and a body.
pub(crate) fn request(method: &str, path: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let length = match (method, body.len()) {
        ("POST", length) => format!("content-length: {length}\r\n"),
        _ => String::new(),
    };
    let head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n{headers}{length}\r\n");
    [head.as_bytes(), body].concat()
}

pub(crate) fn get(path: &str) -> Vec<u8> {
    request("GET", path, "", "")
}

/// A structured event, or what claims to be one.
pub(crate) fn structured(body: impl AsRef<[u8]>) -> Vec<u8> {
    let headers = "content-type: application/cloudevents+json\r\n";
    request("POST", "/v1/events", headers, body)
}

pub(crate) fn batched(body: impl AsRef<[u8]>) -> Vec<u8> {
    let headers = "content-type: application/cloudevents-batch+json\r\n";
    request("POST", "/v1/events", headers, body)
}

/// A good event as JSON.
pub(crate) fn event(id: &str, kind: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"/test","type":"{kind}","data":{{"n":1.10}}}}"#
    )
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

const PATIENCE: Duration = Duration::from_secs(20);
