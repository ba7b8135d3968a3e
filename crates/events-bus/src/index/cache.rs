use std::collections::HashMap;
use std::sync::Arc;

use crate::inbox::Inbox;

/// What was found for each name, bounded in names and in all that was found for them.
#[derive(Debug, Default)]
pub(super) struct Cache {
    found: HashMap<Box<str>, Arc<[Arc<Inbox>]>>,
    /// How many inboxes the lists have together.
    inboxes: usize,
}

impl Cache {
    pub(super) fn get(&self, name: &str) -> Option<&Arc<[Arc<Inbox>]>> {
        self.found.get(name)
    }

    /// Remembers what was found, and forgets all else where there would be too much.
    pub(super) fn remember(&mut self, name: &str, found: &Arc<[Arc<Inbox>]>) {
        if name.len() > LONGEST || found.len() > MOST_INBOXES || self.found.contains_key(name) {
            return;
        }
        if self.found.len() >= MOST_NAMES || self.inboxes + found.len() > MOST_INBOXES {
            *self = Self::default();
        }
        self.inboxes += found.len();
        self.found.insert(name.into(), Arc::clone(found));
    }
}

const MOST_NAMES: usize = 4096;
/// Eight megabytes of pointers.
const MOST_INBOXES: usize = 1 << 20;
/// The longest name that is remembered: a subject's greatest length.
const LONGEST: usize = 512;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Cache, MOST_INBOXES};
    use crate::Queue;
    use crate::inbox::{Inbox, Of, Place};

    #[test]
    fn what_is_remembered_is_bounded_in_inboxes_too() {
        let place = Place {
            id: 0,
            of: Of::Subjects,
            pattern: ">".parse().unwrap(),
        };
        let inbox = Arc::new(Inbox::new(place, Queue::default()));
        let found = |count| Arc::from(vec![Arc::clone(&inbox); count]);
        let mut cache = Cache::default();
        cache.remember("a", &found(MOST_INBOXES / 2));
        cache.remember("b", &found(MOST_INBOXES / 2));
        assert!(cache.get("a").is_some() && cache.get("b").is_some());
        cache.remember("c", &found(1));
        assert!(cache.get("a").is_none() && cache.get("c").is_some());
        cache.remember("d", &found(MOST_INBOXES + 1));
        assert!(cache.get("d").is_none() && cache.get("c").is_some());
    }
}
