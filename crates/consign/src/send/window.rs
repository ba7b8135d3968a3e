use std::collections::VecDeque;
use std::future::IntoFuture as _;

use async_nats::HeaderMap;
use async_nats::jetstream::context::PublishAckFuture;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::publish::PublishAck;
use bytes::Bytes;
use events_core::WireEvent;
use futures::FutureExt as _;
use supervisor::Reached;
use supervisor::exit::Failure;

use super::refusal::refused;
use super::{Answers, Broken, Fate};

/// A message to publish.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) subject: String,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Bytes,
}

/// Publishes to the broker's streams, a number of messages at once, and awaits every
/// acknowledgement in order. What is handed over with a message comes back with its answer.
pub(crate) struct Window<T> {
    reached: Reached,
    waiting: VecDeque<Waiting<T>>,
}

impl Message {
    /// A sealed event as the chain publishes it.
    pub(crate) fn of_event(event: &WireEvent, subject: &str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert("Content-Type", STRUCTURED);
        headers.insert("Nats-Msg-Id", event.message_id().to_string().as_str());
        Self {
            subject: subject.to_owned(),
            headers,
            payload: event.bytes().clone(),
        }
    }
}

impl<T> Window<T> {
    pub(crate) fn new(reached: Reached) -> Self {
        let waiting = VecDeque::with_capacity(WIDTH);
        Self { reached, waiting }
    }

    /// Publishes, once there is room. Returns the answer that made room, if one had to.
    pub(crate) async fn publish(&mut self, tag: T, message: Message) -> Answers<T, PublishAck> {
        let mut answers = Answers::none();
        if self.waiting.len() >= WIDTH {
            self.hear_one(&mut answers).await;
            if answers.broken.is_some() {
                return answers;
            }
        }
        let Message {
            subject,
            headers,
            payload,
        } = message;
        let length = payload.len();
        let mut draft = PublishMessage::build().payload(payload);
        if !headers.is_empty() {
            draft = draft.headers(headers);
        }
        let sent = self.reached.jetstream.send_publish(subject.clone(), draft);
        match sent.await {
            Ok(ack) => self.waiting.push_back(Waiting {
                tag,
                subject,
                length,
                ack,
            }),
            Err(error) => {
                // In order: what was handed over before is answered before.
                self.hear_all(&mut answers).await;
                let (failure, fate) = refused(&error, &subject, length, &self.reached);
                match (&mut answers.broken, fate) {
                    (None, Fate::Refused) => answers.answered.push((tag, Err(failure))),
                    (None, Fate::Unknown) => answers.broken = Some(self.broken(failure, tag)),
                    (Some(_), _) => {}
                }
            }
        }
        answers
    }

    /// The answers to all that is not answered yet.
    pub(crate) async fn finish(&mut self) -> Answers<T, PublishAck> {
        let mut answers = Answers::none();
        self.hear_all(&mut answers).await;
        answers
    }

    async fn hear_all(&mut self, answers: &mut Answers<T, PublishAck>) {
        while answers.broken.is_none() && !self.waiting.is_empty() {
            self.hear_one(answers).await;
        }
    }

    /// Awaits the oldest answer.
    async fn hear_one(&mut self, answers: &mut Answers<T, PublishAck>) {
        let Some(Waiting {
            tag,
            subject,
            length,
            ack,
        }) = self.waiting.pop_front()
        else {
            return;
        };
        let answer = match ack.await {
            Ok(ack) => Ok(ack),
            Err(error) => match refused(&error, &subject, length, &self.reached) {
                (failure, Fate::Refused) => Err(failure),
                (failure, Fate::Unknown) => {
                    answers.broken = Some(self.broken(failure, tag));
                    return;
                }
            },
        };
        answers.answered.push((tag, answer));
    }

    /// Breaks off where `first` was not answered in time. Each of the others would be waited for as
    /// long, and in vain: what came of them came by now.
    fn broken(&mut self, failure: Failure, first: T) -> Broken<T, PublishAck> {
        let (mut tags, mut later) = (vec![first], Vec::new());
        for Waiting {
            tag,
            subject,
            length,
            ack,
        } in self.waiting.drain(..)
        {
            match ack.into_future().now_or_never() {
                Some(Ok(ack)) => later.push((tag, Ok(ack))),
                Some(Err(error)) => match refused(&error, &subject, length, &self.reached) {
                    (failure, Fate::Refused) => later.push((tag, Err(failure))),
                    (_, Fate::Unknown) => tags.push(tag),
                },
                None => tags.push(tag),
            }
        }
        Broken {
            failure,
            fate: Fate::Unknown,
            tags,
            later,
        }
    }
}

/// A message that was sent.
struct Waiting<T> {
    tag: T,
    subject: String,
    length: usize,
    ack: PublishAckFuture,
}

/// How many messages are on their way at once.
const WIDTH: usize = 256;
const STRUCTURED: &str = "application/cloudevents+json; charset=UTF-8";
