use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use events_core::subject::Subject;
use events_core::{ErrorKind, Outcome, Place, SinkError, WireEvent};
use tokio::sync::SemaphorePermit;
use tokio::time::{Instant, timeout_at};

use crate::captures::Capture;
use crate::cause::Cause;
use crate::classify::Class;
use crate::core::{Core, failed};
use crate::gate::Pass;
use crate::in_flight::Landed;
use crate::kinship::{Kinship, kinship};
use crate::{Ack, PendingAck, PublishError, StreamFacts};

/// A message on its way, from the moment it was handed over until it is known what became of it.
pub(crate) struct Flight<'a> {
    pub(crate) core: &'a Core,
    /// The event's place in its batch.
    pub(crate) index: usize,
    pub(crate) event: &'a WireEvent,
    pub(crate) subject: Subject,
    pub(crate) payload: Bytes,
    pub(crate) expected: Expected<'a>,
    /// The connection it was handed to.
    pub(crate) generation: u64,
    pub(crate) pending: Result<PendingAck, PublishError>,
    /// When it was handed over, and how long an answer is waited for.
    pub(crate) since: Instant,
    pub(crate) until: Instant,
    pub(crate) pass: Pass,
    pub(crate) slot: SemaphorePermit<'a>,
}

/// Whose acknowledgement counts.
#[derive(Clone, Debug)]
pub(crate) enum Expected<'a> {
    /// The stream that the settings name.
    Named(&'a str),
    /// The stream that the broker named.
    Told(Arc<StreamFacts>),
    /// The broker knows of none: whoever answers has to prove it.
    Nobody,
    /// The broker did not say.
    Unknown,
}

impl Expected<'_> {
    pub(crate) fn stream(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::Told(facts) => Some(&facts.name),
            Self::Nobody | Self::Unknown => None,
        }
    }
}

impl Flight<'_> {
    /// Whether the others wait for what becomes of it.
    pub(crate) fn is_probe(&self) -> bool {
        self.pass.is_probe()
    }

    /// The next answer to it.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Answer> {
        match &mut self.pending {
            Ok(pending) => pending.poll(context),
            Err(error) => Poll::Ready(Err(error.clone())),
        }
    }

    /// Whether an acknowledgement needs no second look.
    pub(crate) fn is_plain(&self, ack: &Ack) -> bool {
        let is_expected = self.expected.stream() == Some(ack.stream.as_str());
        is_expected && !ack.stream.is_empty() && ack.sequence != 0 && !ack.duplicate
    }

    /// What a [plain](Self::is_plain) acknowledgement makes of it, with its place in the batch.
    pub(crate) fn done(self, ack: Ack) -> Landed {
        (self.index, Ok(self.stored(ack, Kinship::Ours)))
    }

    /// What comes of the first answer, or of none that came in time.
    pub(crate) async fn settle(mut self, first: Option<Answer>) -> Landed {
        let index = self.index;
        let result = match self.judge(first).await {
            Verdict::Stored(ack, kinship) => Ok(self.stored(ack, kinship)),
            Verdict::Failed(error) => Err(self.failed(error).await),
            Verdict::Foreign(answered) => {
                let expected = self.expected.stream().unwrap_or("a stream that holds it");
                let cause = Cause::Foreign {
                    answered,
                    subject: self.subject.as_str().into(),
                    expected: expected.to_owned(),
                };
                Err(self.core.mistaken(&self.subject, cause))
            }
            Verdict::Silence => Err(self.silent().await),
        };
        (index, result)
    }

    /// Waits for the first answer that counts.
    async fn judge(&mut self, mut first: Option<Answer>) -> Verdict {
        let mut foreign = None;
        // An answer at the last moment may still be asked about; no number of them takes longer.
        let last = self.until + self.core.config.lookup_timeout;
        loop {
            let answer = match (first.take(), &mut self.pending) {
                (Some(answer), _) => answer,
                (None, Err(error)) => return Verdict::Failed(error.clone()),
                (None, Ok(pending)) => match timeout_at(self.until, pending.next()).await {
                    Ok(answer) => answer,
                    Err(_) => return foreign.map_or(Verdict::Silence, Verdict::Foreign),
                },
            };
            match answer {
                Ok(ack) => match self.check(&ack, last).await {
                    Some(kinship) => return Verdict::Stored(ack, kinship),
                    None => foreign = Some(named(&ack.stream)),
                },
                Err(PublishError::Garbled) => foreign = Some("something".to_owned()),
                Err(error) => return Verdict::Failed(error),
            }
            self.core.counters.foreign_ack();
            if Instant::now() >= last {
                return foreign.map_or(Verdict::Silence, Verdict::Foreign);
            }
        }
    }

    /// Whether an acknowledgement is what it says, and whose bytes the stream holds.
    async fn check(&self, ack: &Ack, last: Instant) -> Option<Kinship> {
        if ack.stream.is_empty() || ack.sequence == 0 {
            return None;
        }
        match self.expected.stream() {
            Some(expected) if expected != ack.stream => None,
            Some(_) if !ack.duplicate => Some(Kinship::Ours),
            Some(_) => match self.stored_kinship(ack, last).await {
                Some(Kinship::Other) => None,
                // Gone or not to be read: our number is declared, which no later find refutes.
                kinship => Some(kinship.unwrap_or(Kinship::SameIdentity)),
            },
            None => self.prove(ack, last).await,
        }
    }

    /// Whether a stream that nobody told of holds the event.
    async fn prove(&self, ack: &Ack, last: Instant) -> Option<Kinship> {
        let kinship = match self.stored_kinship(ack, last).await {
            Some(Kinship::Other) => return None,
            Some(kinship) => kinship,
            // A login that may ask nothing has to believe the first answer.
            None if matches!(self.expected, Expected::Unknown) => {
                let stream = named(&ack.stream);
                tracing::warn!(subject = %self.subject, stream, "took the stream's word: it cannot be asked");
                if ack.duplicate {
                    Kinship::SameIdentity
                } else {
                    Kinship::Ours
                }
            }
            None => return None,
        };
        self.core.captures.pin(&self.subject, &ack.stream);
        Some(kinship)
    }

    /// Whose bytes the stream holds at the sequence; `None` where it does not say.
    async fn stored_kinship(&self, ack: &Ack, last: Instant) -> Option<Kinship> {
        let until = last.min(Instant::now() + self.core.config.lookup_timeout);
        let stored = self.core.publisher.stored(&ack.stream, ack.sequence);
        let stored = timeout_at(until, stored).await.ok()?.ok()??;
        Some(kinship(
            self.event,
            &self.payload,
            &stored,
            self.core.config.mode,
        ))
    }

    fn stored(self, ack: Ack, kinship: Kinship) -> Outcome {
        self.pass.succeeded();
        self.core.faults.works(&self.subject);
        let place = Place::Stream {
            stream: ack.stream,
            sequence: ack.sequence,
            duplicate: ack.duplicate,
        };
        match kinship {
            Kinship::Ours => Outcome::delivered(self.event, place),
            Kinship::SameIdentity | Kinship::Other => Outcome::delivered_before(self.event, place),
        }
    }

    async fn failed(self, error: PublishError) -> SinkError {
        let class = Class::of(&error);
        if class == Class::Away {
            self.pass.failed(Instant::now().into_std());
        } else {
            self.pass.succeeded();
        }
        let subject: Box<str> = self.subject.as_str().into();
        match (class, &self.expected) {
            (Class::NoStream, _) => {
                drop(self.slot);
                self.core.unheard(&self.subject).await
            }
            (Class::OtherStream, Expected::Named(stream)) => {
                let stream = (*stream).to_owned();
                let cause = Cause::OtherStream { stream, subject };
                self.core.mistaken(&self.subject, cause)
            }
            (Class::OtherStream, _) => {
                // The broker told us otherwise before: it is asked again the next time.
                self.core.captures.forget(&self.subject);
                let cause = Cause::Publish {
                    subject,
                    source: error,
                };
                failed(ErrorKind::Unavailable, cause)
            }
            (Class::Mistake, _) if error == PublishError::Denied => {
                self.core.mistaken(&self.subject, Cause::Denied(subject))
            }
            (Class::Mistake, _) => {
                let cause = Cause::Publish {
                    subject,
                    source: error,
                };
                self.core.mistaken(&self.subject, cause)
            }
            (Class::Away | Class::NotReady | Class::Full | Class::Refused, _) => {
                let cause = Cause::Publish {
                    subject,
                    source: error,
                };
                failed(class.kind(), cause)
            }
        }
    }

    /// Tells why nothing answered: a lost connection, a stream that never does, or nobody there.
    async fn silent(self) -> SinkError {
        drop(self.slot);
        let link = self.core.look();
        let same = link.is_up() && link.generation == self.generation;
        let capture = if same {
            self.core.ask_again(&self.subject, self.since).await
        } else {
            Capture::Unknown
        };
        match capture {
            Capture::By(facts) if facts.no_ack => {
                let stream = facts.name.clone();
                self.core.mistaken(&self.subject, Cause::NoAck { stream })
            }
            Capture::Nobody => self.core.unheard(&self.subject).await,
            Capture::By(_) | Capture::Unknown | Capture::Untold => {
                self.pass.failed(Instant::now().into_std());
                let source = if same {
                    PublishError::TimedOut
                } else {
                    PublishError::Disconnected
                };
                let subject = self.subject.as_str().into();
                failed(ErrorKind::Unavailable, Cause::Publish { subject, source })
            }
        }
    }
}

enum Verdict {
    Stored(Ack, Kinship),
    Failed(PublishError),
    /// What answered is not what should have, and what should have did not.
    Foreign(String),
    Silence,
}

type Answer = Result<Ack, PublishError>;

/// What calls itself a stream, fit for a log line.
fn named(stream: &str) -> String {
    let plain = |c: char| if c.is_ascii_graphic() { c } else { '?' };
    let name: String = stream.chars().take(LONGEST_NAME).map(plain).collect();
    format!("{name:?}")
}

const LONGEST_NAME: usize = 64;
