use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::pull::{BatchConfig, Config};
use async_nats::jetstream::consumer::{AckPolicy, Consumer, DeliverPolicy};
use async_nats::jetstream::stream::ConsumerErrorKind;
use async_nats::{Message, StatusCode, Subject, Subscriber};
use chrono::DateTime;
use events_core::subject::SubjectPattern;
use futures::{FutureExt as _, StreamExt as _};
use tokio::time::timeout;

use super::HistoryError;
use super::stream::{Stored, Stream};
use crate::StreamsError;

/// A consumer of one's own, in the server's memory, that delivers a stream in order, and the
/// requests that keep it delivering. Gone from the server when it is dropped.
///
/// It tells what came and judges nothing; who reads decides what silence means.
pub(super) struct Pull {
    stream: Stream,
    consumer: Consumer<Config>,
    inbox: Subject,
    subscriber: Subscriber,
    /// Messages asked for and not come yet.
    due: usize,
    /// How many the consumer has delivered.
    delivered: u64,
}

/// What a consumer sent.
pub(super) enum Pulled {
    /// The next message, and how many more the consumer knew of then.
    Message(Stored, u64),
    /// It lives, and has nothing.
    Idle,
    /// It has to be replaced: something is lost, or it is gone.
    Broken,
}

impl Pull {
    /// Begins at the first message from `sequence` on that the pattern stands for. Also says how
    /// many there are.
    pub(super) async fn open(
        stream: &Stream,
        sequence: u64,
        subject: Option<&SubjectPattern>,
    ) -> Result<(Self, u64), HistoryError> {
        let filter = subject.map(SubjectPattern::to_string).unwrap_or_default();
        let config = Config {
            deliver_policy: DeliverPolicy::ByStartSequence {
                start_sequence: sequence,
            },
            ack_policy: AckPolicy::None,
            filter_subject: filter,
            inactive_threshold: FORGOTTEN,
            num_replicas: 1,
            memory_storage: true,
            ..Config::default()
        };
        let doing = || format!("make a consumer of {}", stream.name);
        let failed = |_| stream.failure(StreamsError::TimedOut { doing: doing() });
        let handle = stream.js.get_stream_no_info(stream.name.as_str()).await;
        let handle = handle.map_err(|_| {
            let stream = (*stream.name).clone();
            HistoryError::Missing { stream }
        })?;
        let consumer = handle.create_consumer(config).await;
        let consumer = consumer.map_err(|error| match error.kind() {
            ConsumerErrorKind::JetStream(refusal) => stream.refusal(doing(), &refusal),
            _ => stream.failure(StreamsError::TimedOut { doing: doing() }),
        })?;
        let known = consumer.cached_info().num_pending;
        let client = stream.js.client();
        let inbox = Subject::from(client.new_inbox());
        let subscriber = client.subscribe(inbox.clone()).await.map_err(failed)?;
        let pull = Self {
            stream: stream.clone(),
            consumer,
            inbox,
            subscriber,
            due: 0,
            delivered: 0,
        };
        Ok((pull, known))
    }

    /// What comes next; broken where nothing does for `silence`, which is longer than a heartbeat.
    ///
    /// # Cancel safety
    /// Nothing that came is lost; a request may have gone out that is not counted, so that more
    /// is on its way than was meant to.
    pub(super) async fn next(&mut self, silence: Duration) -> Pulled {
        loop {
            if self.due <= BATCH / 2 && !self.ask(silence).await {
                return Pulled::Broken;
            }
            // What is there already needs no clock.
            let next = match self.subscriber.next().now_or_never() {
                Some(next) => next,
                None => timeout(silence, self.subscriber.next())
                    .await
                    .unwrap_or(None),
            };
            let Some(message) = next else {
                return Pulled::Broken;
            };
            if let Some(pulled) = self.read(message) {
                return pulled;
            }
        }
    }

    /// Asks for more; false where that cannot be.
    async fn ask(&mut self, patience: Duration) -> bool {
        let batch = BatchConfig {
            batch: BATCH,
            max_bytes: BATCH_BYTES,
            expires: Some(EXPIRES),
            idle_heartbeat: HEARTBEAT,
            ..BatchConfig::default()
        };
        let asked = self.consumer.request_batch(batch, self.inbox.clone());
        let is_asked = matches!(timeout(patience, asked).await, Ok(Ok(())));
        if is_asked {
            self.due += BATCH;
        }
        is_asked
    }

    /// What a message says; `None` where it is the end of a request and no more.
    fn read(&mut self, message: Message) -> Option<Pulled> {
        match message.status {
            None => {
                self.due = self.due.saturating_sub(1);
                let reply = message.reply.as_ref().and_then(|reply| Reply::read(reply));
                self.delivered += 1;
                let reply = match reply {
                    Some(reply) if reply.delivered == self.delivered => reply,
                    _ => return Some(Pulled::Broken),
                };
                let stored = Stored {
                    sequence: reply.sequence,
                    subject: message.subject.as_str().into(),
                    stored_at: DateTime::from_timestamp_nanos(reply.nanoseconds),
                    headers: message.headers,
                    payload: message.payload,
                };
                Some(Pulled::Message(stored, reply.pending))
            }
            Some(StatusCode::IDLE_HEARTBEAT) => Some(Pulled::Idle),
            Some(StatusCode::TIMEOUT | StatusCode::REQUEST_TERMINATED) => {
                let left = message.headers.as_ref().and_then(|headers| {
                    let left = headers.get("Nats-Pending-Messages")?;
                    left.as_str().parse().ok()
                });
                // Without it, it is not the request that ended.
                let Some(left) = left else {
                    return Some(Pulled::Broken);
                };
                self.due = self.due.saturating_sub(left);
                // Nothing came of it: the next message may be longer than what is asked for.
                (left >= BATCH).then_some(Pulled::Idle)
            }
            Some(_) => Some(Pulled::Broken),
        }
    }
}

impl Drop for Pull {
    /// Spares the server a consumer that nobody asks any more; it forgets those by itself, later.
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let (js, name) = (
            self.stream.js.clone(),
            self.consumer.cached_info().name.clone(),
        );
        let stream = Arc::clone(&self.stream.name);
        runtime.spawn(async move {
            // Where it fails, the server forgets it in time.
            drop(js.delete_consumer_from_stream(name, stream.as_str()).await);
        });
    }
}

/// What the reply subject of a delivered message says (ADR-15), in either of its two forms.
struct Reply {
    sequence: u64,
    delivered: u64,
    nanoseconds: i64,
    pending: u64,
}

impl Reply {
    fn read(subject: &str) -> Option<Self> {
        let tokens = subject.strip_prefix("$JS.ACK.")?.split('.');
        // Before the stream's name, the newer form has a domain and an account.
        let before = match tokens.clone().count() {
            7 => 3,
            9.. => 5,
            _ => return None,
        };
        let mut tokens = tokens.skip(before);
        Some(Self {
            sequence: tokens.next()?.parse().ok()?,
            delivered: tokens.next()?.parse().ok()?,
            nanoseconds: tokens.next()?.parse().ok()?,
            pending: tokens.next()?.parse().ok()?,
        })
    }
}

/// Messages asked for at once; the half of it is always on its way.
const BATCH: usize = 512;
/// Bytes asked for at once.
const BATCH_BYTES: usize = 8 << 20;
const EXPIRES: Duration = Duration::from_secs(30);
const HEARTBEAT: Duration = Duration::from_secs(1);
/// How soon the server forgets a consumer that nobody asks.
const FORGOTTEN: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::Reply;

    #[test]
    fn both_forms_of_the_reply_subject_are_read() {
        for subject in [
            "$JS.ACK.S.c.1.20.3.1700000000000000000.4",
            "$JS.ACK.hub.h4sh.S.c.1.20.3.1700000000000000000.4",
            "$JS.ACK._.h4sh.S.c.1.20.3.1700000000000000000.4.token",
        ] {
            let reply = Reply::read(subject).unwrap();
            let Reply {
                sequence,
                delivered,
                nanoseconds,
                pending,
            } = reply;
            assert_eq!((sequence, delivered, pending), (20, 3, 4), "{subject}");
            assert_eq!(nanoseconds, 1_700_000_000_000_000_000);
        }
        for bad in [
            "",
            "$JS.ACK.S.c.1.20.3.17",
            "$JS.ACK.S.c.1.x.3.17.4",
            "_INBOX.1",
        ] {
            assert!(Reply::read(bad).is_none(), "{bad}");
        }
    }
}
