use std::sync::Arc;
use std::time::Duration;

use tokio::sync::futures::Notified;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

use crate::Limits;

/// The places of those who watch.
#[derive(Debug)]
pub(crate) struct Clients {
    places: Arc<Semaphore>,
    roll_call: Notify,
    calling: Semaphore,
}

impl Clients {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            places: Arc::new(Semaphore::new(limits.sse_max_clients)),
            roll_call: Notify::new(),
            calling: Semaphore::new(1),
        }
    }

    /// A place, `None` when all are taken.
    ///
    /// That a client went away shows only when something is sent to it: the first makes its system
    /// say so, the second meets that. So before a client is turned away, all others are sent a
    /// sign of life.
    pub(super) async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Some(place);
        }
        let _one_at_a_time = self.calling.try_acquire().ok()?;
        for _ in 0..2 {
            self.roll_call.notify_waiters();
            sleep(ANSWERED).await;
        }
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// Completes when a sign of life is wanted.
    pub(super) fn roll_call(&self) -> Notified<'_> {
        self.roll_call.notified()
    }
}

const ANSWERED: Duration = Duration::from_millis(50);
