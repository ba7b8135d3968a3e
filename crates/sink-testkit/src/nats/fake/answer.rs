use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

/// What a [`FakeServer`](super::FakeServer) answers to a publish that asks for an answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// Stores the message and acknowledges it, as an honest server does: with the next sequence,
    /// or with the first one again where the message's `Nats-Msg-Id` is known already.
    Store,
    /// Stores nothing and says nothing.
    Silence,
    /// Stores nothing and acknowledges all the same.
    Forge {
        /// The stream it names.
        stream: String,
        /// The sequence it names.
        sequence: u64,
        /// Whether it says that it had the message before.
        duplicate: bool,
    },
    /// JetStream's answer for what it does not take.
    Error {
        /// As in HTTP.
        code: u16,
        /// JetStream's own number.
        err_code: u16,
        /// In words.
        description: String,
    },
    /// A message with this body.
    Reply(Bytes),
    /// A message with no body and a status in its headers, such as 503 for no responders.
    Status(u16, String),
    /// These bytes instead of any frame: part of one, garbage, or a line of their own.
    Raw(Bytes),
    /// The end of the connection.
    Close,
    /// All of these, one after the other.
    All(Vec<Self>),
    /// The same that much later; what comes after it does not wait.
    Later(Duration, Box<Self>),
}

impl Answer {
    /// Nobody listens on the subject: no stream has it, or its leader is being elected.
    #[must_use]
    pub fn no_responders() -> Self {
        Self::Status(503, "No Responders".to_owned())
    }

    /// An error of the server itself as it says it on the connection, such as
    /// `Authorization Violation`. After most of them a real server ends the connection, so let
    /// [`Close`](Self::Close) follow.
    #[must_use]
    pub fn server_error(text: &str) -> Self {
        Self::Raw(format!("-ERR '{text}'\r\n").into())
    }

    /// A body of so many bytes that are neither JSON nor UTF-8.
    #[must_use]
    pub fn garbage(length: usize) -> Self {
        Self::Reply(vec![0xff; length].into())
    }

    /// A message that announces more bytes than a number of 64 bits holds.
    #[must_use]
    pub fn broken_frame() -> Self {
        Self::Raw(Bytes::from_static(b"MSG x 1 99999999999999999999\r\n"))
    }

    /// An `INFO` line with so many bytes in a field nobody knows.
    #[must_use]
    pub fn giant_info(length: usize) -> Self {
        let filler = "x".repeat(length);
        let info = json!({"server_id": "FAKE", "version": "2.14.0", "filler": filler});
        Self::Raw(format!("INFO {info}\r\n").into())
    }
}
