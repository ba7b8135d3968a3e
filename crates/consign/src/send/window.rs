use std::collections::VecDeque;

use async_nats::HeaderMap;
use async_nats::jetstream::context::PublishAckFuture;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::publish::PublishAck;
use bytes::Bytes;
use events_core::WireEvent;
use supervisor::Reached;
use supervisor::exit::Failure;

use super::refusal::refused;

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
    waiting: VecDeque<(T, String, usize, PublishAckFuture)>,
}

/// What came back, and what became of the message.
pub(crate) type Answered<T> = (T, Result<PublishAck, Failure>);

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
    pub(crate) async fn publish(&mut self, tag: T, message: Message) -> Vec<Answered<T>> {
        let mut answered = Vec::new();
        if self.waiting.len() >= WIDTH {
            answered.extend(self.oldest().await);
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
            Ok(ack) => self.waiting.push_back((tag, subject, length, ack)),
            Err(error) => {
                // In order: what was handed over before is answered before.
                answered.extend(self.finish().await);
                let failure = refused(&error, &subject, length, &self.reached);
                answered.push((tag, Err(failure)));
            }
        }
        answered
    }

    /// The answers to all that is not answered yet.
    pub(crate) async fn finish(&mut self) -> Vec<Answered<T>> {
        let mut answered = Vec::with_capacity(self.waiting.len());
        while let Some(next) = self.oldest().await {
            let is_over = next.1.as_ref().is_err_and(super::refusal::is_over);
            answered.push(next);
            if is_over {
                // Each of the others would be waited for as long, and in vain.
                self.waiting.clear();
            }
        }
        answered
    }

    async fn oldest(&mut self) -> Option<Answered<T>> {
        let (tag, subject, length, ack) = self.waiting.pop_front()?;
        let answer = ack
            .await
            .map_err(|error| refused(&error, &subject, length, &self.reached));
        Some((tag, answer))
    }
}

/// How many messages are on their way at once.
const WIDTH: usize = 256;
const STRUCTURED: &str = "application/cloudevents+json; charset=UTF-8";
