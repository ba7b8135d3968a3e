use std::collections::HashSet;

use events_core::MessageId;

/// The identities of the last events: between one and two million of them, in some 100 MB at most.
#[derive(Debug, Default)]
pub(super) struct Recent {
    young: HashSet<MessageId>,
    old: HashSet<MessageId>,
}

impl Recent {
    /// Notes an identity. False where it was among the last ones.
    pub(super) fn insert(&mut self, id: MessageId) -> bool {
        if self.old.contains(&id) {
            return false;
        }
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(id)
    }
}

const GENERATION: usize = 1_000_000;
