use std::sync::atomic::{AtomicU64, Ordering};

/// What became of the events that a node tells of itself.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    stored: AtomicU64,
    refused: AtomicU64,
    skipped: AtomicU64,
}

impl Counts {
    pub(super) fn stored(&self) {
        self.stored.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn skipped(&self) {
        self.skipped.fetch_add(1, Ordering::Relaxed);
    }

    /// All of them by name.
    pub(crate) fn named(&self) -> Vec<(String, u64)> {
        let named = [
            ("stored", &self.stored),
            ("refused", &self.refused),
            ("skipped", &self.skipped),
        ];
        let read = |(name, count): (&str, &AtomicU64)| {
            let count = count.load(Ordering::Relaxed);
            (name.to_owned(), count)
        };
        named.map(read).into()
    }
}
