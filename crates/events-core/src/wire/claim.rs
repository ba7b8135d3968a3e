use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Learns what became of the numbers it gave out. Implemented by signers.
pub trait Settle: fmt::Debug + Send + Sync {
    /// The event that bears `number` is stored.
    fn kept(&self, number: u64);

    /// No event that bears `number` was stored, and none will be.
    fn void(&self, number: u64);
}

/// Ties an event, and every clone of its sealed form, to the number a signer gave it.
///
/// The number is kept once an [`Outcome`](crate::Outcome) speaks of the event, and void when the
/// last clone goes away before that: refused later in `prepare`, or delivered nowhere. So the
/// signer learns which numbers to declare wherever it stands in the stack.
#[derive(Clone, Debug)]
pub struct Claim(Arc<Number>);

impl Claim {
    /// A claim on `number`, whose fate `signer` is told exactly once.
    #[must_use]
    pub fn new(signer: Arc<dyn Settle>, number: u64) -> Self {
        Self(Arc::new(Number {
            signer,
            number,
            kept: AtomicBool::new(false),
        }))
    }

    pub(super) fn mark_kept(&self) {
        if !self.0.kept.swap(true, Ordering::Relaxed) {
            self.0.signer.kept(self.0.number);
        }
    }
}

#[derive(Debug)]
struct Number {
    signer: Arc<dyn Settle>,
    number: u64,
    kept: AtomicBool,
}

impl Drop for Number {
    fn drop(&mut self) {
        if !*self.kept.get_mut() {
            self.signer.void(self.number);
        }
    }
}
