mod cache;
mod seen;
mod trie;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use self::cache::Cache;
use self::seen::Seen;
use self::trie::Trie;
use crate::inbox::Inbox;

/// Which inboxes want a name, by patterns over its tokens.
///
/// What was looked up twice is remembered until a subscription comes or goes.
#[derive(Debug, Default)]
pub(crate) struct Index {
    trie: RwLock<Trie>,
    /// Written with the trie's lock held, so that it never outlives what it was made from.
    cache: RwLock<Cache>,
    seen: Seen,
    subscriptions: AtomicUsize,
}

impl Index {
    pub(crate) fn insert(&self, inbox: Arc<Inbox>) {
        let mut trie = self.trie.write().unwrap_or_else(PoisonError::into_inner);
        trie.insert(inbox);
        self.subscriptions.fetch_add(1, Ordering::Release);
        let stale = self.forget();
        drop(trie);
        drop(stale);
    }

    /// Takes a subscription out, if it is not out already.
    pub(crate) fn remove(&self, inbox: &Inbox) {
        let mut trie = self.trie.write().unwrap_or_else(PoisonError::into_inner);
        let removed = trie.remove(inbox.place());
        if removed.is_some() {
            self.subscriptions.fetch_sub(1, Ordering::Release);
        }
        let stale = self.forget();
        drop(trie);
        // What an inbox holds goes with no lock held.
        drop((removed, stale));
    }

    /// The inboxes that want `name`.
    pub(crate) fn matching(&self, name: &str) -> Arc<[Arc<Inbox>]> {
        if self.is_empty() {
            return Arc::default();
        }
        {
            let cache = self.cache.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(found) = cache.get(name) {
                return Arc::clone(found);
            }
        }
        let trie = self.trie.read().unwrap_or_else(PoisonError::into_inner);
        let found: Arc<[Arc<Inbox>]> = trie.matching(name).into();
        if self.seen.again(name) {
            let mut cache = self.cache.write().unwrap_or_else(PoisonError::into_inner);
            cache.remember(name, &found);
        }
        found
    }

    /// Whether there is nobody to match.
    pub(crate) fn is_empty(&self) -> bool {
        self.subscriptions() == 0
    }

    pub(crate) fn subscriptions(&self) -> usize {
        self.subscriptions.load(Ordering::Acquire)
    }

    pub(crate) fn inboxes(&self) -> Vec<Arc<Inbox>> {
        let trie = self.trie.read().unwrap_or_else(PoisonError::into_inner);
        trie.inboxes()
    }

    fn forget(&self) -> Cache {
        let mut cache = self.cache.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *cache)
    }
}
