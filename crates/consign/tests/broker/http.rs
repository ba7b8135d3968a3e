//! HTTP as a test's own server sees it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use serde_json::{Value, json};

/// A request: its first line and its body.
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) body: Vec<u8>,
}

/// The next request of a client; `None` once it hangs up.
pub(crate) fn read(reader: &mut BufReader<&TcpStream>) -> Option<Request> {
    let (mut first, mut length) = (String::new(), 0);
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return None;
        }
        if first.is_empty() {
            line.trim_end().clone_into(&mut first);
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let line = first;
    Some(Request { line, body })
}

/// What a supervisor says to a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Said {
    /// That it keeps every event.
    Kept,
    /// A refusal of the whole batch, by a problem's name.
    Refused(u16, &'static str),
    /// Nothing, since it dies with the batch in its hands; and nobody is there after that.
    Dies,
}

/// Serves batches, one answer each, in the order of `answers`. Where it listens.
pub(crate) fn supervisor(answers: &'static [Said]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut answers = answers.iter();
        for client in listener.incoming() {
            let client = client.unwrap();
            let mut reader = BufReader::new(&client);
            while let Some(request) = read(&mut reader) {
                let Some(answer) = answers.next().and_then(|said| said.to(&request)) else {
                    return;
                };
                (&client).write_all(answer.as_bytes()).unwrap();
            }
        }
    });
    url
}

impl Said {
    fn to(self, request: &Request) -> Option<String> {
        let (status, body) = match self {
            Self::Dies => return None,
            Self::Kept => {
                let events: Vec<Value> = serde_json::from_slice(&request.body).unwrap();
                let kept = |_| json!({ "outcome": "delivered", "receipt": { "stream": "S" } });
                let results: Vec<Value> = events.iter().map(kept).collect();
                (200, json!({ "results": results }))
            }
            Self::Refused(status, name) => {
                let kind = format!("urn:consign:problem:{name}");
                (
                    status,
                    json!({ "type": kind, "title": "No", "detail": "not this" }),
                )
            }
        };
        let (body, reason) = (body.to_string(), "Whatever");
        let length = body.len();
        Some(format!(
            "HTTP/1.1 {status} {reason}\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
    }
}
