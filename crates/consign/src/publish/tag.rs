use async_nats::jetstream::publish::PublishAck;
use serde::Serialize;
use supervisor::exit::Failure;

use crate::human::safe;
use crate::output::{Format, Output};

/// What is published, for those who read the answer.
#[derive(Clone, Debug)]
pub(super) struct Tag {
    /// The line of standard input it stands on.
    pub(super) line: Option<u64>,
    pub(super) id: Option<String>,
    pub(super) subject: String,
    pub(super) repeat: Repeat,
}

/// What the same input would make once more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Repeat {
    /// The same event, which a stream keeps once.
    Same,
    /// One with another id, since its id was made for it.
    AnotherId,
    /// Another message: nothing tells it from the first.
    Another,
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
        let place = safe(&format!("{}:{}", ack.stream, ack.sequence));
        match output.format() {
            Format::Json => output.json(&stored),
            Format::Name => output.line(&place),
            Format::Table => {
                let word = if ack.duplicate { "duplicate" } else { "stored" };
                let id = self.id.as_deref().map(safe).unwrap_or_default();
                output.line(format!("{word:<9}  {place}  {}  {id}", self.subject).trim_end())
            }
        }
    }
}

impl Repeat {
    /// How to go on where nobody says what became of these.
    pub(super) fn advice(tags: &[Tag]) -> String {
        let is_same = tags.iter().all(|tag| tag.repeat == Self::Same);
        let first = tags.iter().filter_map(|tag| tag.line).min();
        let subject = tags.first().map_or("", |tag| tag.subject.as_str());
        match (tags, first) {
            (_, Some(line)) if is_same => {
                format!("the same lines again, from line {line} on: {ONCE}")
            }
            (_, None) if is_same => format!("the same again: {ONCE}"),
            ([Tag { id: Some(id), .. }], None) => {
                format!("the same again with --id {}: {ONCE}", safe(id))
            }
            _ => format!(
                "consign replay --subject '{}' --since 10m, to see what is stored: what has no id \
                 of its own is another event when it is published again",
                safe(subject)
            ),
        }
    }
}

const ONCE: &str = "with the same ids, a stream keeps one of each within its duplicate window";
