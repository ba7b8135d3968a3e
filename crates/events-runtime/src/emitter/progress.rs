use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

/// Which accepted events have no answer yet, so that a flush knows when its part is done.
#[derive(Debug, Default)]
pub(super) struct Progress {
    state: Mutex<State>,
    moved: Notify,
}

#[derive(Debug, Default)]
struct State {
    accepted: u64,
    open: BTreeSet<u64>,
}

/// One accepted event; dropped when it is answered, whichever way.
#[derive(Debug)]
pub(super) struct Mark {
    progress: Arc<Progress>,
    number: u64,
}

impl Progress {
    pub(super) fn accept(self: &Arc<Self>) -> Mark {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.accepted += 1;
        let number = state.accepted;
        state.open.insert(number);
        Mark {
            progress: self.clone(),
            number,
        }
    }

    /// How many events were accepted so far.
    pub(super) fn accepted(&self) -> u64 {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .accepted
    }

    /// Waits until the first `count` accepted events are answered.
    pub(super) async fn reach(&self, count: u64) {
        loop {
            let moved = self.moved.notified();
            let oldest = {
                let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                state.open.first().copied()
            };
            if oldest.is_none_or(|number| number > count) {
                return;
            }
            moved.await;
        }
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        let mut state = self
            .progress
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let was_oldest = state.open.first() == Some(&self.number);
        state.open.remove(&self.number);
        drop(state);
        if was_oldest {
            self.progress.moved.notify_waiters();
        }
    }
}
