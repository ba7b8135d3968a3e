use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use supervisor::exit::Failure;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::arrivals::Arrivals;
use super::dues::Dues;
use super::sighting::Sighting;

/// A place where the run's events are looked for.
#[derive(Debug)]
pub(super) struct Leg {
    pub(super) name: &'static str,
    /// What is watched, for people.
    pub(super) place: String,
    eye: Arc<Eye>,
    watching: JoinHandle<()>,
}

/// What sees arrivals and tells who waits for them.
#[derive(Debug)]
pub(super) struct Eye {
    arrivals: Mutex<Arrivals>,
    progress: watch::Sender<Progress>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    warm: bool,
    received: u64,
    ended: bool,
}

impl Eye {
    pub(super) fn new(dues: &Arc<Dues>) -> Result<Arc<Self>, Failure> {
        Ok(Arc::new(Self {
            arrivals: Mutex::new(Arrivals::new(Arc::clone(dues))?),
            progress: watch::Sender::default(),
        }))
    }

    /// Takes note of what came just now.
    pub(super) fn see(&self, sighting: Sighting) {
        let now = Instant::now();
        let mut arrivals = self.lock();
        arrivals.note(sighting, now);
        let (warm, received) = (arrivals.warm, arrivals.received);
        drop(arrivals);
        self.progress.send_modify(|progress| {
            progress.warm = warm;
            progress.received = received;
        });
    }

    /// The leg says that events are missing.
    pub(super) fn lagged(&self) {
        self.lock().lagged += 1;
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Arrivals> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Leg {
    /// Watches by `watching` until it is dropped.
    pub(super) fn begin(
        name: &'static str,
        place: String,
        eye: &Arc<Eye>,
        watching: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        let shared = Arc::clone(eye);
        Self {
            name,
            place,
            eye: Arc::clone(eye),
            watching: tokio::spawn(async move {
                watching.await;
                shared
                    .progress
                    .send_modify(|progress| progress.ended = true);
            }),
        }
    }

    /// Whether an event that went ahead has come, or comes within `patience`.
    pub(super) async fn is_warm(&self, patience: Duration) -> bool {
        self.wait(patience, |progress| progress.warm).await
    }

    /// Waits until so many events have come, for `patience` at most.
    pub(super) async fn has_received(&self, events: u64, patience: Duration) -> bool {
        self.wait(patience, |progress| progress.received >= events)
            .await
    }

    /// What came so far.
    pub(super) fn arrivals(&self) -> MutexGuard<'_, Arrivals> {
        self.eye.lock()
    }

    /// Whether the leg broke off.
    pub(super) fn has_ended(&self) -> bool {
        self.eye.progress.borrow().ended
    }

    async fn wait(&self, patience: Duration, enough: impl Fn(&Progress) -> bool) -> bool {
        let mut progress = self.eye.progress.subscribe();
        let enough = progress.wait_for(|progress| enough(progress) || progress.ended);
        matches!(timeout(patience, enough).await, Ok(Ok(progress)) if !progress.ended)
    }
}

impl Drop for Leg {
    fn drop(&mut self) {
        self.watching.abort();
    }
}
