use async_nats::HeaderMap;
use async_nats::header::{HeaderName, HeaderValue};
use async_nats::jetstream::publish::PublishAck;
use events_core::WireEvent;
use events_core::codec::binary::{self, Binding};
use serde::Serialize;
use supervisor::exit::{Exit, Failure};

use crate::output::{Format, Output};
use crate::send::Message;

/// What is published, for those who read the answer.
#[derive(Clone, Debug)]
pub(super) struct Tag {
    /// The line of standard input it stands on.
    pub(super) line: Option<u64>,
    pub(super) id: Option<String>,
    pub(super) subject: String,
}

#[derive(Serialize)]
struct Stored<'a> {
    stream: &'a str,
    sequence: u64,
    duplicate: bool,
    subject: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
}

impl Tag {
    /// Prints where it is.
    pub(super) fn stored(&self, ack: &PublishAck, output: &mut Output) -> Result<(), Failure> {
        let stored = Stored {
            stream: &ack.stream,
            sequence: ack.sequence,
            duplicate: ack.duplicate,
            subject: &self.subject,
            id: self.id.as_deref(),
        };
        let place = crate::human::safe(&format!("{}:{}", ack.stream, ack.sequence));
        match output.format() {
            Format::Json => output.json(&stored),
            Format::Name => output.line(&place),
            _ => {
                let word = if ack.duplicate { "duplicate" } else { "stored" };
                let id = self
                    .id
                    .as_deref()
                    .map(crate::human::safe)
                    .unwrap_or_default();
                output.line(format!("{word:<9}  {place}  {}  {id}", self.subject).trim_end())
            }
        }
    }

    /// A failure that names the line.
    pub(super) fn refused(&self, failure: &Failure, output: &mut Output) {
        match self.line {
            Some(line) => output.note(&format!("line {line}: {failure}")),
            None => output.note(&failure.to_string()),
        }
    }
}

/// The headers of the command line.
pub(super) fn headers(given: &[String]) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    for header in given {
        let parsed = header.split_once(':').and_then(|(name, value)| {
            let name: HeaderName = name.trim().parse().ok()?;
            let value: HeaderValue = value.trim().parse().ok()?;
            Some((name, value))
        });
        let Some((name, value)) = parsed else {
            let what = "--header takes NAME:VALUE on one line";
            return Err(Failure::new(Exit::Usage, what).try_next("-H 'Priority: high'"));
        };
        headers.append(name, value);
    }
    Ok(headers)
}

/// An event as a message in binary mode (CloudEvents NATS binding, section 3.1).
pub(super) fn binary(event: &WireEvent, subject: &str) -> Result<Message, Failure> {
    let whole = event.to_event().map_err(|violations| {
        Failure::new(Exit::Failed, "write the event in binary mode").because(violations)
    })?;
    let binary::Message { headers, body } = binary::encode(Binding::Nats, &whole);
    let mut message = Message::of_event(event, subject);
    message.payload = body;
    let id = message.headers.get("Nats-Msg-Id").cloned();
    message.headers = HeaderMap::new();
    for (name, value) in &headers {
        message.headers.append(name.as_str(), value.as_str());
    }
    if let Some(id) = id {
        message.headers.insert("Nats-Msg-Id", id);
    }
    Ok(message)
}
