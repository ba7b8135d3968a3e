use std::collections::HashSet;

use events_core::MessageId;

/// The identities of the last events: between one and two generations of them.
#[derive(Debug)]
pub(super) struct Recent {
    generation: usize,
    young: HashSet<MessageId>,
    old: HashSet<MessageId>,
}

impl Recent {
    fn of(generation: usize) -> Self {
        Self {
            generation,
            young: HashSet::new(),
            old: HashSet::new(),
        }
    }

    /// Notes an identity. False where it was among the last ones.
    pub(super) fn insert(&mut self, id: MessageId) -> bool {
        if self.old.contains(&id) || self.young.contains(&id) {
            return false;
        }
        if self.young.len() >= self.generation {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(id)
    }
}

impl Default for Recent {
    /// Generations of a million, in some 100 MB at most.
    fn default() -> Self {
        Self::of(1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use events_core::{MessageId, TenantId};

    use super::Recent;

    #[test]
    fn identities_are_remembered_for_at_least_a_generation_and_then_forgotten() {
        let id = |number: usize| MessageId::new(&TenantId::default(), "/s", &number.to_string());
        let mut recent = Recent::of(10);
        assert!((0..10).all(|number| recent.insert(id(number))));
        assert!((10..20).all(|number| recent.insert(id(number))));
        assert!((0..20).all(|number| !recent.insert(id(number))));
        assert!(recent.insert(id(20)));
        assert!(recent.insert(id(0)));
        assert!(!recent.insert(id(10)));
    }
}
