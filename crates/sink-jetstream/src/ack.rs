use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::PublishError;
use crate::bell::Rope;

/// What a stream says once it holds a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ack {
    /// The stream's name.
    pub stream: String,
    /// The message's sequence in it.
    pub sequence: u64,
    /// Whether the stream had a message of this id already, at that sequence.
    pub duplicate: bool,
}

/// The answers to one message, of which there should be one. Others can answer too: whoever else
/// listens on the subject.
#[must_use = "nothing is stored for certain before it is acknowledged"]
pub struct PendingAck {
    slot: Arc<Slot>,
    /// Dropped along with this, so that a publisher can forget what nobody waits for.
    _guard: Option<Box<dyn Send + Sync>>,
}

/// Answers a message. Dropped without an answer it says that the connection was lost.
pub struct AckSender(Arc<Slot>);

impl PendingAck {
    /// Two ends of one message's answers.
    pub fn channel() -> (AckSender, Self) {
        let slot = Arc::new(Slot::default());
        let pending = Self {
            slot: Arc::clone(&slot),
            _guard: None,
        };
        (AckSender(slot), pending)
    }

    /// An answer that is there already.
    pub fn answered(answer: Result<Ack, PublishError>) -> Self {
        let (sender, pending) = Self::channel();
        sender.answer(answer);
        pending
    }

    /// The same, dropping `guard` once nobody waits for an answer any more.
    pub fn guarded(self, guard: impl Send + Sync + 'static) -> Self {
        Self {
            _guard: Some(Box::new(guard)),
            ..self
        }
    }

    /// The next answer.
    ///
    /// # Errors
    /// What the answer says, or that there will be none.
    ///
    /// # Cancel safety
    /// No answer is lost.
    pub async fn next(&mut self) -> Result<Ack, PublishError> {
        poll_fn(|context| self.poll(context)).await
    }

    /// Pulls the rope for each answer, and for the end of them, those included that are there.
    pub(crate) fn ring(&self, rope: Rope) {
        let mut answers = self.slot.lock();
        if answers.first.is_some() || answers.ended {
            rope.pull();
        }
        answers.rope = Some(rope);
    }

    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Ack, PublishError>> {
        self.slot.poll(context)
    }
}

impl AckSender {
    /// Answers. More than a few answers that nobody took are dropped.
    pub fn answer(&self, answer: Result<Ack, PublishError>) {
        let mut answers = self.0.lock();
        if answers.first.is_none() {
            answers.first = Some(answer);
        } else if answers.others.len() < MOST_OTHERS {
            answers.others.push(answer);
        }
        answers.wake();
    }
}

impl Drop for AckSender {
    fn drop(&mut self) {
        let mut answers = self.0.lock();
        answers.ended = true;
        answers.wake();
    }
}

impl fmt::Debug for PendingAck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PendingAck")
    }
}

impl fmt::Debug for AckSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AckSender")
    }
}

#[derive(Default)]
struct Slot(Mutex<Answers>);

#[derive(Default)]
struct Answers {
    first: Option<Result<Ack, PublishError>>,
    others: Vec<Result<Ack, PublishError>>,
    ended: bool,
    waker: Option<Waker>,
    rope: Option<Rope>,
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, Answers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<Result<Ack, PublishError>> {
        let mut answers = self.lock();
        if let Some(answer) = answers.first.take() {
            if !answers.others.is_empty() {
                answers.first = Some(answers.others.remove(0));
            }
            return Poll::Ready(answer);
        }
        if answers.ended {
            return Poll::Ready(Err(PublishError::Disconnected));
        }
        match &mut answers.waker {
            Some(waker) => waker.clone_from(context.waker()),
            None => answers.waker = Some(context.waker().clone()),
        }
        Poll::Pending
    }
}

impl Answers {
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
        if let Some(rope) = &self.rope {
            rope.pull();
        }
    }
}

const MOST_OTHERS: usize = 32;
