use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::PublishError;

/// What stands behind an error of this sink, in words for an operator. Names subjects and streams,
/// never an event's other values.
#[derive(Clone, Debug, Error)]
pub(crate) enum Cause {
    #[error(
        "the breaker is in its reconnecting state, attempt {attempt}; it probes in {} ms",
        next_after.as_millis()
    )]
    Waiting { attempt: u32, next_after: Duration },
    #[error("there is no connection to the broker: {0}")]
    Down(Arc<str>),
    #[error("the broker lets nobody in: {0}; renew the login or correct the settings")]
    LetsNobodyIn(Arc<str>),
    #[error("{size} bytes with its headers; the server takes {limit}")]
    TooLarge { size: usize, limit: usize },
    #[error("{0} publishes stay unanswered")]
    WindowFull(usize),
    #[error("{subject}")]
    Publish {
        subject: Box<str>,
        source: PublishError,
    },
    #[error(
        "no stream captures {0}; `consign stream ensure` makes one that does, or correct the route; `consign stream ls` shows what there is"
    )]
    NoStream(Box<str>),
    #[error("the stream that captures {0} takes nothing now: it has no leader")]
    NoLeader(Box<str>),
    #[error(
        "stream {stream} has no_ack set and acknowledges nothing; unset it: `nats stream edit {stream} --ack`"
    )]
    NoAck { stream: String },
    #[error(
        "stream {stream} does not capture {subject}, another does: `nats stream find --subject {subject}` shows which"
    )]
    OtherStream { stream: String, subject: Box<str> },
    #[error(
        "{answered} answered for {subject}, and it is not {expected}; see who else subscribes to it, and deny them"
    )]
    Foreign {
        answered: String,
        subject: Box<str>,
        expected: String,
    },
    #[error("this login may not publish to {0}; allow it, or correct the route")]
    Denied(Box<str>),
}

#[cfg(test)]
mod tests {
    /// An operator types what an error says, so that it has to exist.
    #[test]
    fn every_command_that_is_named_exists() {
        let (source, _) = include_str!("cause.rs").split_once("#[cfg(test)]").unwrap();
        for text in [source, include_str!("../README.md")] {
            let quoted = text.split('`').skip(1).step_by(2);
            let commands: Vec<_> = quoted
                .filter(|text| {
                    ["consign ", "nats ", "CONSIGN_"]
                        .iter()
                        .any(|word| text.starts_with(word))
                })
                .collect();
            assert!(commands.len() >= 3, "{commands:?}");
            for command in commands {
                let known = KNOWN.iter().any(|known| {
                    let mut words = command.split(' ');
                    let mut fits = known.split(' ').map(|word| (word, words.next()));
                    let fits = fits.all(|(word, found)| word == "*" || Some(word) == found);
                    fits && words.next().is_none()
                });
                assert!(known, "{command}");
            }
        }
    }

    /// What there is in Consign, and in the client of NATS. A star stands for any word.
    const KNOWN: [&str; 6] = [
        "CONSIGN_STREAMS=ensure",
        "consign stream ensure",
        "consign status",
        "consign stream ls",
        "nats stream edit * --ack",
        "nats stream find --subject *",
    ];
}
