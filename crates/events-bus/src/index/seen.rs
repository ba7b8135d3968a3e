use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// Knows names that came lately, roughly: to remember one that never comes again costs more than
/// to look it up.
#[derive(Debug)]
pub(super) struct Seen {
    hasher: RandomState,
    marks: Box<[AtomicU64]>,
}

impl Seen {
    /// Whether `name` came lately; from now on it did.
    pub(super) fn again(&self, name: &str) -> bool {
        let mark = self.hasher.hash_one(name);
        let place = usize::try_from(mark % MARKS).unwrap_or(0);
        let place = self.marks.get(place);
        place.is_some_and(|place| place.swap(mark, Ordering::Relaxed) == mark)
    }
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            marks: (0..MARKS).map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

const MARKS: u64 = 4096;
