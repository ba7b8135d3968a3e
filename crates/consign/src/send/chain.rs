use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;
use supervisor::exit::{Exit, Failure};

use super::{Answers, Broken, Fate};
use crate::client::{Answer, Client, misunderstood};

/// A running supervisor's chain. Events go there in batches, in order.
#[derive(Debug)]
pub(crate) struct Chain<T> {
    client: Client,
    batch: String,
    tags: Vec<T>,
}

/// That an event is in a stream, a journal or the spool: the outcome's word and the receipt.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) outcome: String,
    pub(crate) receipt: Box<RawValue>,
}

impl<T> Chain<T> {
    pub(crate) const fn new(client: Client) -> Self {
        Self {
            client,
            batch: String::new(),
            tags: Vec::new(),
        }
    }

    /// Adds an event in structured mode. Returns what became of those before it, when a batch is
    /// full.
    pub(crate) async fn hand_over(&mut self, tag: T, event: &str) -> Answers<T, Kept> {
        let room = self.batch.len() + event.len() < BYTES && self.tags.len() < EVENTS;
        let answers = if room {
            Answers::none()
        } else {
            self.finish().await
        };
        if answers.broken.is_none() {
            self.batch
                .push(if self.tags.is_empty() { '[' } else { ',' });
            self.batch.push_str(event);
            self.tags.push(tag);
        }
        answers
    }

    /// Hands over what is left.
    pub(crate) async fn finish(&mut self) -> Answers<T, Kept> {
        if self.tags.is_empty() {
            return Answers::none();
        }
        let mut batch = std::mem::take(&mut self.batch);
        batch.push(']');
        let tags = std::mem::take(&mut self.tags);
        match self.client.submit(batch).await {
            Ok(answer) => self.answered(tags, &answer),
            Err(failure) => broken(tags, failure, Fate::Unknown),
        }
    }

    fn answered(&self, mut tags: Vec<T>, answer: &Answer) -> Answers<T, Kept> {
        if !answer.status.is_success() {
            let failure = self.client.refusal(answer);
            let is_too_large = answer.status == StatusCode::PAYLOAD_TOO_LARGE;
            return match tags.pop() {
                // The fault is this event's own, and the next may be better.
                Some(tag) if is_too_large && tags.is_empty() => {
                    Answers::whole(vec![(tag, Err(failure.try_next(SMALLER)))])
                }
                last => {
                    tags.extend(last);
                    let is_refused = answer.status.is_client_error();
                    let fate = if is_refused {
                        Fate::Refused
                    } else {
                        Fate::Unknown
                    };
                    broken(tags, failure, fate)
                }
            };
        }
        match read(answer, tags.len()) {
            Some(results) => Answers::whole(tags.into_iter().zip(results).collect()),
            None => broken(tags, misunderstood(), Fate::Unknown),
        }
    }
}

fn broken<T>(tags: Vec<T>, failure: Failure, fate: Fate) -> Answers<T, Kept> {
    let broken = Broken {
        failure,
        fate,
        tags,
        later: Vec::new(),
    };
    Answers {
        answered: Vec::new(),
        broken: Some(broken),
    }
}

/// What became of each event of a batch; `None` where that is not what is answered.
fn read(answer: &Answer, events: usize) -> Option<Vec<Result<Kept, Failure>>> {
    let Results { results } = answer.json().ok()?;
    let results: Vec<_> = results
        .into_iter()
        .map(Told::judged)
        .collect::<Option<_>>()?;
    (results.len() == events).then_some(results)
}

#[derive(Deserialize)]
struct Results {
    results: Vec<Told>,
}

#[derive(Deserialize)]
struct Told {
    outcome: String,
    receipt: Option<Box<RawValue>>,
    error: Option<Refusal>,
}

impl Told {
    fn judged(self) -> Option<Result<Kept, Failure>> {
        let outcome = self.outcome;
        match (self.receipt, self.error) {
            (Some(receipt), _) => Some(Ok(Kept { outcome, receipt })),
            (None, Some(refusal)) => Some(Err(refusal.into_failure())),
            (None, None) => None,
        }
    }
}

#[derive(Deserialize)]
struct Refusal {
    kind: String,
    detail: String,
}

impl Refusal {
    fn into_failure(self) -> Failure {
        let why = crate::human::safe(&format!("{}: {}", self.kind, self.detail));
        let failure = Failure::new(Exit::Failed, "hand the event to the chain").because(why);
        match self.kind.as_str() {
            "rejected" if self.detail.contains("longer than") => failure.try_next(SMALLER),
            "invalid" => {
                failure.try_next("consign event validate FILE, for all that is wrong with it")
            }
            "saturated" | "unavailable" => {
                failure.try_next("again in a few seconds; consign status")
            }
            _ => failure.try_next("consign status, for what the chain is short of"),
        }
    }
}

/// Below what a supervisor takes at once by default.
const BYTES: usize = 512 << 10;
const EVENTS: usize = 200;
const SMALLER: &str = "less data, such as a dataref to where it is; or a larger \
    CONSIGN_MAX_EVENT_BYTES (and CONSIGN_HTTP_MAX_BODY) for the supervisor";
