use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_nats::Message;
use events_core::subject::Subject;

use super::answer;
use crate::{AckSender, PendingAck, PublishError};

/// One inbox for all acknowledgements, and who waits for which.
///
/// A place in it is named by a number that cannot be guessed from others: whoever sees the reply
/// subject of one message cannot answer for the next.
#[derive(Debug)]
pub(super) struct Mailbox {
    prefix: String,
    waiting: Mutex<HashMap<u64, Waiting>>,
    count: AtomicU64,
    secret: RandomState,
}

#[derive(Debug)]
struct Waiting {
    subject: Subject,
    sender: AckSender,
}

impl Mailbox {
    pub(super) fn new(inbox: &str) -> Self {
        Self {
            prefix: format!("{inbox}."),
            waiting: Mutex::default(),
            count: AtomicU64::new(0),
            secret: RandomState::new(),
        }
    }

    /// What to subscribe to.
    pub(super) fn pattern(&self) -> String {
        format!("{}*", self.prefix)
    }

    /// A place for the answers to a message to `subject`: the reply subject, and where they come.
    pub(super) fn open(self: &Arc<Self>, subject: Subject) -> (String, PendingAck) {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let token = self.secret.hash_one(count);
        let (sender, pending) = PendingAck::channel();
        self.lock().insert(token, Waiting { subject, sender });
        let place = Place {
            mailbox: Arc::clone(self),
            token,
        };
        let reply = format!("{}{token:016x}", self.prefix);
        (reply, pending.guarded(place))
    }

    /// Hands an answer to whoever waits for it.
    pub(super) fn deliver(&self, message: &Message) {
        let token = message.subject.strip_prefix(self.prefix.as_str());
        let Some(token) = token.and_then(|token| u64::from_str_radix(token, 16).ok()) else {
            return;
        };
        let answer = answer::read(message);
        if let Some(waiting) = self.lock().get(&token) {
            waiting.sender.answer(answer);
        }
    }

    /// Tells everybody that waits that the connection was lost.
    pub(super) fn disconnect(&self) {
        // Dropping a sender says so; that happens after the lock is released.
        let _left = std::mem::take(&mut *self.lock());
    }

    /// Tells everybody that waits for a subject which `is_denied` that it is.
    pub(super) fn deny(&self, is_denied: impl Fn(&str) -> bool) {
        for waiting in self.lock().values() {
            if is_denied(waiting.subject.as_str()) {
                waiting.sender.answer(Err(PublishError::Denied));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the mailbox; given back when it is dropped.
#[derive(Debug)]
struct Place {
    mailbox: Arc<Mailbox>,
    token: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        // The sender is dropped after the lock is released.
        let _left = self.mailbox.lock().remove(&self.token);
    }
}
