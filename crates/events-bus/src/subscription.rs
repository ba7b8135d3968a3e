use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use futures::Stream;

use crate::Item;
use crate::inbox::Inbox;
use crate::publish::Registry;

/// Events of a bus that match a pattern, as a stream that holds what was not taken yet.
///
/// It ends when the last handle of the bus is gone, or after [`Item::Disconnected`]. Dropped, it
/// leaves nothing behind.
///
/// # Cancel safety
/// An item that was not returned is not lost.
#[must_use = "a subscription that is dropped ends"]
pub struct Subscription {
    inbox: Arc<Inbox>,
    registry: Weak<Registry>,
}

/// What a subscription got so far.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Received {
    /// Events taken from it.
    pub events: u64,
    /// Events it missed, told already or not.
    pub missed: u64,
}

impl Subscription {
    /// What it got so far.
    #[must_use]
    pub fn received(&self) -> Received {
        self.inbox.received()
    }

    /// Subscribes `inbox` with `registry`.
    pub(crate) fn new(inbox: Inbox, registry: &Arc<Registry>) -> Self {
        let inbox = Arc::new(inbox);
        registry.insert(Arc::clone(&inbox));
        Self {
            inbox,
            registry: Arc::downgrade(registry),
        }
    }

    pub(crate) fn registry(&self) -> Weak<Registry> {
        Weak::clone(&self.registry)
    }
}

impl Stream for Subscription {
    type Item = Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Item>> {
        self.inbox.poll_take(cx)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(registry) = self.registry.upgrade() {
            registry.remove(&self.inbox);
        }
        self.inbox.abandon();
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pattern = &self.inbox.place().pattern;
        write!(f, "Subscription({pattern}, {:?})", self.received())
    }
}
