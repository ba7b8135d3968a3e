use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use events_core::{ErrorKind, EventSink, Outcome, SinkError, WireEvent};
use futures::FutureExt as _;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};
use tracing::{info, warn};

use super::trouble::Trouble;
use super::{Child, ChildStatus, Need};

/// A child, and what is known about how it does.
#[derive(Debug)]
pub(super) struct Branch {
    child: Child,
    delivered: AtomicU64,
    spilled: AtomicU64,
    failed: AtomicU64,
    kept: AtomicU64,
    lagging_events: AtomicI64,
    lagging_bytes: AtomicI64,
    caught_up: Notify,
    trouble: Mutex<Trouble>,
}

impl Branch {
    pub(super) fn new(child: Child) -> Self {
        Self {
            child,
            delivered: AtomicU64::new(0),
            spilled: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            kept: AtomicU64::new(0),
            lagging_events: AtomicI64::new(0),
            lagging_bytes: AtomicI64::new(0),
            caught_up: Notify::new(),
            trouble: Mutex::default(),
        }
    }

    pub(super) fn sink(&self) -> &dyn EventSink {
        &*self.child.sink
    }

    pub(super) fn need(&self) -> Need {
        self.child.need
    }

    /// Delivers within the deadline. One result for each event, whatever the child does.
    ///
    /// What a best-effort child has, nobody promised: a number that only it bears is not kept.
    pub(super) async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        let copies: Vec<WireEvent>;
        let given = match self.need() {
            Need::Required | Need::OneOf => events,
            Need::BestEffort => {
                copies = events.iter().map(WireEvent::for_a_copy).collect();
                &copies
            }
        };
        let delivery = AssertUnwindSafe(async { self.sink().deliver(given).await });
        let answer = timeout(self.child.deadline, delivery.catch_unwind()).await;
        let (mut results, rest) = match answer {
            Ok(Ok(results)) => (results, "get an answer for every event"),
            Ok(Err(_panic)) => (Vec::new(), "get an answer from a child that panicked"),
            Err(_elapsed) => (Vec::new(), "get an answer from a child in time"),
        };
        results.resize_with(events.len(), || {
            Err(SinkError::new(ErrorKind::Unavailable, rest))
        });
        self.count(events, &results);
        results
    }

    /// The answers for events that are not sent, since the child lags too far behind.
    pub(super) fn pass_over(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        let doing = "send more to a child that lags behind";
        let refused = SinkError::new(ErrorKind::Saturated, doing);
        let results: Vec<_> = events.iter().map(|_| Err(refused.clone())).collect();
        self.count(events, &results);
        results
    }

    pub(super) fn lags_too_far(&self) -> bool {
        self.lagging_events.load(Ordering::Relaxed) > MAX_LAG_EVENTS
            || self.lagging_bytes.load(Ordering::Relaxed) > MAX_LAG_BYTES
    }

    /// Nobody waits for these events any more, though they are still on their way.
    pub(super) fn left_behind(&self, events: &[WireEvent]) {
        self.lag(events, 1);
    }

    /// Events that were left behind have arrived, or failed.
    ///
    /// May come before [`left_behind`](Self::left_behind) does, and the sum is right all the same.
    pub(super) fn caught_up(&self, events: &[WireEvent]) {
        self.lag(events, -1);
        self.caught_up.notify_waiters();
    }

    /// Waits until nothing is on its way any more that nobody waits for.
    pub(super) async fn settled(&self) {
        loop {
            let caught_up = self.caught_up.notified();
            if self.lagging_events.load(Ordering::Relaxed) <= 0 {
                return;
            }
            caught_up.await;
        }
    }

    /// Events that the child had and so was not sent.
    pub(super) fn count_kept(&self, events: u64) {
        self.kept.fetch_add(events, Ordering::Relaxed);
    }

    pub(super) fn status(&self) -> ChildStatus {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let lagging = self.lagging_events.load(Ordering::Relaxed);
        ChildStatus {
            name: self.child.name.clone(),
            need: self.need(),
            delivered: count(&self.delivered),
            spilled: count(&self.spilled),
            failed: count(&self.failed),
            kept: count(&self.kept),
            lagging: usize::try_from(lagging).unwrap_or(0),
        }
    }

    fn lag(&self, events: &[WireEvent], sign: i64) {
        let bytes: usize = events.iter().map(|event| event.bytes().len()).sum();
        let signed = |amount: usize| sign * i64::try_from(amount).unwrap_or(i64::MAX);
        let relaxed = Ordering::Relaxed;
        self.lagging_events.fetch_add(signed(events.len()), relaxed);
        self.lagging_bytes.fetch_add(signed(bytes), relaxed);
    }

    fn count(&self, events: &[WireEvent], results: &[Result<Outcome, SinkError>]) {
        let mut missed = None;
        for (event, result) in events.iter().zip(results) {
            let counter = match result {
                Ok(Outcome::Delivered(_)) => &self.delivered,
                Ok(Outcome::Spilled(_)) => &self.spilled,
                Err(error) => {
                    missed = missed.or(Some((event, error)));
                    &self.failed
                }
            };
            counter.fetch_add(1, Ordering::Relaxed);
        }
        // A required child's error is the caller's to handle; the others' may reach nobody.
        if self.need() != Need::Required {
            self.tell(missed);
        }
    }

    /// Says what an answer missed, but no more than once in a while.
    fn tell(&self, missed: Option<(&WireEvent, &SinkError)>) {
        let failed = self.failed.load(Ordering::Relaxed);
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match (missed, trouble.note(missed.is_some(), Instant::now())) {
            (Some((event, error)), true) => warn!(
                child = self.child.name,
                kind = %error.kind(),
                msg_id = %event.message_id(),
                failed,
                "a child of a fan-out misses events"
            ),
            (None, true) => info!(
                child = self.child.name,
                failed, "a child of a fan-out has events again"
            ),
            (_, false) => {}
        }
    }
}

const MAX_LAG_EVENTS: i64 = 4096;
const MAX_LAG_BYTES: i64 = 16 << 20;
