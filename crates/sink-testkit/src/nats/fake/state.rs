use std::collections::HashMap;
use std::fmt;

use bytes::Bytes;
use serde_json::json;

use super::answer::Answer;
use super::published::Published;

pub(super) type Answers = Box<dyn FnMut(&Published) -> Answer + Send>;
pub(super) type ApiAnswers = Box<dyn FnMut(&Published) -> Option<Answer> + Send>;

/// What all connections of a fake server share.
pub(super) struct State {
    pub(super) answers: Answers,
    pub(super) api: ApiAnswers,
    pub(super) greeting: Bytes,
    pub(super) refusal: Option<String>,
    pub(super) published: Vec<Published>,
    pub(super) connects: Vec<String>,
    pub(super) stored: Vec<Published>,
    sequences: HashMap<String, u64>,
}

impl State {
    pub(super) fn new(greeting: Bytes, answers: Answers) -> Self {
        Self {
            answers,
            api: Box::new(|_| None),
            greeting,
            refusal: None,
            published: Vec::new(),
            connects: Vec::new(),
            stored: Vec::new(),
            sequences: HashMap::new(),
        }
    }

    /// Remembers the message, and decides about it if it asks for an answer.
    pub(super) fn take(&mut self, message: &Published) -> Answer {
        let answer = if message.subject.starts_with(API) {
            (self.api)(message).unwrap_or_else(|| not_found(&message.subject))
        } else {
            let answer = match message.reply {
                Some(_) => (self.answers)(message),
                None => Answer::Silence,
            };
            self.published.push(message.clone());
            answer
        };
        self.settle(answer, message)
    }

    /// Stores where the answer says so, and puts the acknowledgement in its place.
    fn settle(&mut self, answer: Answer, message: &Published) -> Answer {
        match answer {
            Answer::Store => self.store(message),
            Answer::All(answers) => {
                let settle = |answer| self.settle(answer, message);
                Answer::All(answers.into_iter().map(settle).collect())
            }
            Answer::Later(by, answer) => Answer::Later(by, Box::new(self.settle(*answer, message))),
            other => other,
        }
    }

    fn store(&mut self, message: &Published) -> Answer {
        let id = message.header("Nats-Msg-Id");
        let known = id.and_then(|id| self.sequences.get(id).copied());
        let sequence = known.unwrap_or_else(|| {
            self.stored.push(message.clone());
            self.stored.len() as u64
        });
        if let Some(id) = id {
            self.sequences.insert(id.to_owned(), sequence);
        }
        Answer::Forge {
            stream: STREAM.to_owned(),
            sequence,
            duplicate: known.is_some(),
        }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("State");
        text.field("published", &self.published.len());
        text.field("stored", &self.stored.len())
            .finish_non_exhaustive()
    }
}

/// What JetStream says where there is no stream and no message.
fn not_found(subject: &str) -> Answer {
    let api = subject.strip_prefix(API).unwrap_or_default();
    let error = |err_code, description: &str| Answer::Error {
        code: 404,
        err_code,
        description: description.to_owned(),
    };
    if api.starts_with("STREAM.NAMES") {
        let none = json!({"total": 0, "offset": 0, "limit": 1024, "streams": []});
        Answer::Reply(none.to_string().into())
    } else if api.starts_with("STREAM.MSG.GET.") {
        error(10037, "no message found")
    } else if api.starts_with("DIRECT.GET.") {
        Answer::Status(404, "Message Not Found".to_owned())
    } else if api.starts_with("STREAM.") {
        error(10059, "stream not found")
    } else {
        Answer::no_responders()
    }
}

/// The one stream of an honest fake server.
pub(super) const STREAM: &str = "FAKE";
const API: &str = "$JS.API.";
