use std::fmt;

use thiserror::Error;

/// Why a message was not published, or a question about a stream not answered.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum PublishError {
    /// There is no connection, or it was lost before the answer.
    #[error("the connection to the broker was lost")]
    Disconnected,
    /// No answer came in time.
    #[error("the broker did not answer in time")]
    TimedOut,
    /// Nobody listens on the subject: no stream captures it, or its servers elect a leader.
    #[error("no stream takes messages on the subject")]
    NoResponders,
    /// Too large for the server.
    #[error("the message is larger than the server takes")]
    TooLarge,
    /// The login may not publish to the subject, or not ask this.
    #[error("the broker denies this login the subject")]
    Denied,
    /// Too many publishes are unanswered already.
    #[error("too many publishes are unanswered")]
    Busy,
    /// The broker said no.
    #[error("the broker refused")]
    Refused(#[source] Refusal),
    /// The answer is none that a stream gives.
    #[error("something answered that is no stream")]
    Garbled,
    /// The client does not take the subject.
    #[error("the client does not take the subject")]
    BadSubject,
}

/// An error that JetStream answered with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The status, much like one of HTTP.
    pub status: u16,
    /// The code of this very error.
    pub code: u64,
    /// What the server says, shortened and without control characters.
    description: Box<str>,
}

impl Refusal {
    /// What the server answered.
    #[must_use]
    pub fn new(status: u16, code: u64, description: &str) -> Self {
        let plain = |c: char| if c.is_ascii_graphic() { c } else { ' ' };
        let description: String = description.chars().take(LONGEST).map(plain).collect();
        Self {
            status,
            code,
            description: description.into(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            status,
            code,
            description,
        } = self;
        write!(f, "{description} (status {status}, code {code})")
    }
}

impl std::error::Error for Refusal {}

/// Characters kept of a description.
const LONGEST: usize = 160;
