use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use events_core::{Event, EventSink, WireEvent};
use sink_sign::Verifier;
use tokio::sync::{Notify, watch};

use crate::counters::Tally;
use crate::redrive::{Redriver, RedriverStatus};
use crate::seldom::Seldom;
use crate::turnstile::{Turnstile, Way};
use crate::{Area, Config, Spool};

/// What deliveries, the redriver and operators share. No lock of it is held over I/O but that of
/// the redriver, which deliveries never take.
pub(crate) struct Core {
    pub(crate) inner: Arc<dyn EventSink>,
    pub(crate) spool: Spool,
    pub(crate) config: Config,
    pub(crate) tally: Tally,
    pub(crate) turnstile: Turnstile,
    /// Rung whenever there is something new to redrive.
    pub(crate) wake: Notify,
    /// Whether deliveries go to the spool without being tried.
    pub(crate) held: watch::Sender<bool>,
    /// Whether redriving is to end.
    pub(crate) closing: watch::Sender<bool>,
    /// Held by whoever redrives or drops records, so that they do so one at a time.
    pub(crate) redriver: tokio::sync::Mutex<Redriver>,
    /// What records have to pass, and whether the redriver has yet to hear that it is another.
    verifier: RwLock<Option<Arc<Verifier>>>,
    pub(crate) is_verifier_new: AtomicBool,
    progress: Mutex<RedriverStatus>,
    /// Whether the log is to be told that events are spilled.
    pub(crate) spills: Seldom,
    /// Whether it is to be told that the spool refuses them.
    pub(crate) refusals: Seldom,
}

impl Core {
    pub(crate) fn new(inner: Arc<dyn EventSink>, spool: Spool, config: Config) -> Arc<Self> {
        let verifier = config.verifier.clone().map(Arc::new);
        Arc::new(Self {
            inner,
            spool,
            config,
            tally: Tally::default(),
            turnstile: Turnstile::default(),
            wake: Notify::new(),
            held: watch::Sender::new(false),
            closing: watch::Sender::new(false),
            redriver: tokio::sync::Mutex::default(),
            verifier: RwLock::new(verifier),
            is_verifier_new: AtomicBool::new(false),
            progress: Mutex::default(),
            spills: Seldom::default(),
            refusals: Seldom::default(),
        })
    }

    /// The subject an event goes to; one key for all that have none.
    pub(crate) fn subject_of(&self, event: &WireEvent) -> Arc<str> {
        match self.config.routes.resolve(event.attributes()) {
            Ok((_, subject)) => subject.into(),
            Err(_) => NO_SUBJECT.into(),
        }
    }

    /// How new events of `subject` go on.
    pub(crate) fn way_of(&self, subject: &str) -> Way {
        if *self.held.borrow() {
            return Way::Behind;
        }
        match self.spool.waiting_of(subject) {
            0 => Way::Live,
            waiting if waiting < self.config.order_bound => Way::Behind,
            _ => Way::Ahead,
        }
    }

    /// Tells the signer that no stream is to be expected to have the event's number, where `area`
    /// says so. To be called before anything else says that the number is kept.
    pub(crate) fn declare(&self, area: Area, attributes: &Event) {
        let Some(signer) = &self.config.signer else {
            return;
        };
        match area {
            Area::Waiting => {}
            Area::SetAside | Area::Dead => signer.declare(attributes),
        }
    }

    /// What records have to pass now.
    pub(crate) fn verifier(&self) -> Option<Arc<Verifier>> {
        let verifier = self.verifier.read().unwrap_or_else(PoisonError::into_inner);
        verifier.clone()
    }

    /// From now on records have to pass `verifier`; also those that did not pass the former one.
    pub(crate) fn verify_by(&self, verifier: Verifier) {
        let mut own = self
            .verifier
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *own = Some(Arc::new(verifier));
        drop(own);
        self.is_verifier_new.store(true, Ordering::Release);
        self.wake.notify_one();
    }

    pub(crate) fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    /// What the redriver is doing, to be read and changed.
    pub(crate) fn progress(&self) -> MutexGuard<'_, RedriverStatus> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("inner", &self.inner)
            .field("progress", &self.progress())
            .finish_non_exhaustive()
    }
}

/// No subject of ours: their tokens have no `$`.
const NO_SUBJECT: &str = "$unrouted";
