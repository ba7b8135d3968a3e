use std::borrow::Cow;
use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use events_core::subject::{Subject, SubjectPattern};

use crate::{Link, PendingAck, PublishError};

/// A connection to a broker, as the sink needs it. Implement it to bring a client of your own, or
/// none, in tests.
#[async_trait]
pub trait Publisher: fmt::Debug + Send + Sync + 'static {
    /// What is known of the connection now. Asked before each publish, so it must be cheap.
    fn link(&self) -> Link;

    /// Hands over a message, in order, and does not wait for its acknowledgement.
    ///
    /// # Errors
    /// Why it was not handed over.
    async fn publish(&self, message: Message) -> Result<PendingAck, PublishError>;

    /// The message that `stream` holds at `sequence`, if it does.
    ///
    /// # Errors
    /// Why the broker could not be asked.
    async fn stored(&self, stream: &str, sequence: u64) -> Result<Option<Stored>, PublishError>;

    /// The stream that captures `subject`, if one does.
    ///
    /// # Errors
    /// Why the broker could not be asked.
    async fn stream_of(&self, subject: &str) -> Result<Option<StreamFacts>, PublishError>;
}

/// A message to publish. Debug shows neither what it holds nor its headers' values.
#[derive(Clone, Eq, PartialEq)]
pub struct Message {
    /// Where to.
    pub subject: Subject,
    /// What.
    pub payload: Bytes,
    /// Names and values, in printable ASCII.
    pub headers: Vec<Header>,
}

/// A message that a stream holds. Debug shows neither what it holds nor its identity.
#[derive(Clone, Eq, PartialEq)]
pub struct Stored {
    /// The header `Nats-Msg-Id`, by which the stream knows a duplicate.
    pub message_id: Option<String>,
    /// What.
    pub payload: Bytes,
}

/// The name and the value of a header.
pub type Header = (Cow<'static, str>, Cow<'static, str>);

/// What matters here about a stream.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StreamFacts {
    /// Its name.
    pub name: String,
    /// The subjects it captures, without those that no event's subject can match.
    pub subjects: Vec<SubjectPattern>,
    /// Whether it acknowledges nothing.
    pub no_ack: bool,
    /// Where it keeps messages.
    pub storage: Storage,
}

/// Where a stream keeps messages.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Storage {
    /// In files.
    File,
    /// In memory: a restart of the broker loses them.
    Memory,
}

impl Message {
    /// The value of the header `name`, as it is spelt.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_ref())
    }

    /// What counts against the server's limit: payload and headers, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        if self.headers.is_empty() {
            return self.payload.len();
        }
        let lines = self.headers.iter().map(|(name, value)| {
            // A colon, a space, and a line's end.
            name.len() + value.len() + 4
        });
        self.payload.len() + HEADERS_FRAME + lines.sum::<usize>()
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Message({}, {} headers, {} bytes)",
            self.subject,
            self.headers.len(),
            self.payload.len()
        )
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stored({} bytes)", self.payload.len())
    }
}

/// `NATS/1.0`, a line's end, and the empty line after the headers.
const HEADERS_FRAME: usize = "NATS/1.0\r\n\r\n".len();
