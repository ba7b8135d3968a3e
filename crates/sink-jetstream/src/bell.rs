use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};

/// Says which of many to look at, to one task that waits for them all.
#[derive(Debug, Default)]
pub(crate) struct Bell(Mutex<Rung>);

/// One of the many.
#[derive(Debug)]
pub(crate) struct Rope {
    pub(crate) bell: Arc<Bell>,
    pub(crate) number: usize,
}

impl Bell {
    /// Puts the numbers rung since the last call into `numbers`, which is empty. Where there are
    /// none, the next one wakes the task.
    pub(crate) fn heard(&self, numbers: &mut Vec<usize>, context: &Context<'_>) {
        let mut rung = self.lock();
        std::mem::swap(&mut rung.numbers, numbers);
        if numbers.is_empty() {
            rung.waker = Some(context.waker().clone());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Rung> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rope {
    pub(crate) fn pull(&self) {
        let mut rung = self.bell.lock();
        rung.numbers.push(self.number);
        let waker = rung.waker.take();
        drop(rung);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

#[derive(Debug, Default)]
struct Rung {
    numbers: Vec<usize>,
    waker: Option<Waker>,
}
