use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use events_core::subject::{Routes, SubjectPattern};
use events_core::{
    ErrorKind, Event, EventSink, EventSinkExt as _, Filter, Outcome, SinkError, WireEvent,
};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::feed::{self, Feed};
use crate::history::{self, History};
use crate::inbox::{Inbox, Of, Place};
use crate::publish::Registry;
use crate::{Counts, Past, Queue, Subscription};

/// The seam between those who emit events and those who want to know of them.
///
/// Emitters hand over an event and know nothing of where it goes; subscribers name a pattern. What
/// subscribers get is [sealed](WireEvent): redacted and signed, the very bytes that were stored.
/// An event that a host sends again is heard again.
///
/// Every subscriber has a bounded [`Queue`] of its own and is told what it missed. None holds up
/// another, nor an emitter, unless it asks to be [waited](crate::Lag::Wait) for.
///
/// A bus is an [`EventSink`] itself: around a chain, where it is outermost, or a leaf in a fan-out.
/// Clones share everything; when the last is gone, every subscription ends.
#[derive(Clone)]
pub struct Bus {
    shared: Arc<Shared>,
}

struct Shared {
    chain: Option<Arc<dyn EventSink>>,
    routes: Arc<Routes>,
    history: OnceLock<Arc<dyn History>>,
    registry: Arc<Registry>,
    next: AtomicU64,
    /// What brings events from elsewhere.
    pump: Option<Pump>,
}

/// What carries events from elsewhere into a bus.
struct Pump {
    task: AbortHandle,
    is_open: watch::Receiver<bool>,
}

impl Bus {
    /// A bus in this process: what `chain` takes custody of is heard, on the subject that `routes`
    /// lead to.
    #[must_use]
    pub fn new(chain: Arc<dyn EventSink>, routes: Arc<Routes>) -> Self {
        Self::made(Some(chain), routes, Arc::default(), None)
    }

    /// A bus that hears what is [delivered](EventSink::deliver) to it, by a fan-out, or what a host
    /// [gives](Self::hear) it. It has no chain, so nothing can be emitted through it.
    #[must_use]
    pub fn listening(routes: Arc<Routes>) -> Self {
        Self::made(None, routes, Arc::default(), None)
    }

    /// A bus over many processes: `chain` stores what is emitted here, and what is heard is what
    /// `feed` brings of `patterns`, which holds what this process emitted, once.
    ///
    /// [`ready`](Self::ready) says when the feed is open. When it breaks off it is opened anew,
    /// within a second at first and within 30 later. Every subscriber is told that it may have
    /// missed something, when it breaks off and whenever it opens. An event on another subject
    /// than the one that `routes` lead to is counted as misplaced and heard by nobody, so an
    /// account that may publish for one tenant is not heard for another. What the feed brings waits
    /// for nobody: [`Lag::Wait`](crate::Lag::Wait) misses at once what finds no room.
    ///
    /// # Errors
    /// `Config` where there are no patterns, or two of them share a subject: its events would be
    /// heard twice.
    ///
    /// # Panics
    /// Outside a Tokio runtime. It needs time enabled.
    pub fn attached(
        chain: Arc<dyn EventSink>,
        routes: Arc<Routes>,
        feed: Arc<dyn Feed>,
        patterns: Vec<SubjectPattern>,
    ) -> Result<Self, SinkError> {
        feed::check(&patterns)?;
        let registry = Arc::new(Registry::default());
        let (open, is_open) = watch::channel(false);
        let carrier = feed::Carrier {
            registry: Arc::downgrade(&registry),
            routes: Arc::clone(&routes),
            open,
        };
        let task = tokio::spawn(feed::pump(feed, patterns, carrier)).abort_handle();
        let pump = Some(Pump { task, is_open });
        Ok(Self::made(Some(chain), routes, registry, pump))
    }

    /// Waits until what is published elsewhere is heard: at once, but on a bus that is
    /// [attached](Self::attached) and whose feed is not open yet, or not now.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the waiting alone.
    pub async fn ready(&self) {
        if let Some(pump) = &self.shared.pump {
            // The sender lives as long as the pump, and that as long as this.
            pump.is_open.clone().wait_for(|open| *open).await.ok();
        }
    }

    /// Lets [`history`](Self::history) of this bus and its clones ask `history`. Only the first
    /// one given counts.
    #[must_use]
    pub fn with_history(self, history: Arc<dyn History>) -> Self {
        // A second one is refused, as the contract says.
        drop(self.shared.history.set(history));
        self
    }

    /// Emits one event through the chain and says who has custody of it.
    ///
    /// # Errors
    /// The chain's, and `Config` where the bus has no chain.
    ///
    /// # Cancel safety
    /// As [`deliver`](EventSink::deliver) of the chain; what it stores after that is not heard. A
    /// host that must not wait, or may go away, puts an emitter of `events-runtime` in front.
    pub async fn emit(&self, event: Event) -> Result<Outcome, SinkError> {
        if self.chain().is_none() {
            let doing = "emit through a bus that has no chain";
            return Err(SinkError::new(ErrorKind::Config, doing));
        }
        self.send(event).await
    }

    /// Subscribes to the subjects that `pattern` stands for, from now on.
    pub fn subscribe(&self, pattern: SubjectPattern, queue: Queue) -> Subscription {
        self.subscribe_to(Of::Subjects, pattern, queue)
    }

    /// Subscribes to the types that `pattern` stands for, from now on: `tool.crashed`, `run.*`.
    /// A type's dots part its tokens.
    pub fn subscribe_type(&self, pattern: SubjectPattern, queue: Queue) -> Subscription {
        self.subscribe_to(Of::Types, pattern, queue)
    }

    /// Subscribes to the subjects that `pattern` stands for, from now on, but hears only what the
    /// chain spills: events that are in custody and that their destination has not got yet. Costs
    /// emitters nothing as long as nothing is spilled.
    pub fn subscribe_spilled(&self, pattern: SubjectPattern, queue: Queue) -> Subscription {
        self.subscribe_to(Of::Spilled, pattern, queue)
    }

    /// Lets subscribers hear events that are sealed and stored already. Those without a subject by
    /// the routes are counted and logged, and heard by nobody.
    ///
    /// # Cancel safety
    /// Dropped while subscribers are waited for, they miss what they have not got, and are told.
    pub async fn hear(&self, events: &[WireEvent]) {
        self.publish(events.iter().map(|event| (event, None))).await;
    }

    /// The newest `limit` events that `filter` wants, oldest of them first: complete, or an error.
    ///
    /// # Errors
    /// The history's, and `Config` where the bus has none.
    pub async fn history(&self, filter: &Filter, limit: usize) -> Result<Past, SinkError> {
        let Some(history) = self.shared.history.get() else {
            let doing = "ask a bus that was given no history";
            return Err(SinkError::new(ErrorKind::Config, doing));
        };
        history::ask(&**history, filter, limit).await
    }

    /// The newest `limit` of those that are not older than `since`, nor than the filter's own.
    ///
    /// # Errors
    /// As [`history`](Self::history).
    pub async fn history_since(
        &self,
        filter: &Filter,
        since: DateTime<Utc>,
        limit: usize,
    ) -> Result<Past, SinkError> {
        let since = filter.since.max(Some(since));
        let filter = Filter {
            since,
            ..filter.clone()
        };
        self.history(&filter, limit).await
    }

    /// What the bus did so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let registry = &self.shared.registry;
        registry.counters.read(registry.subscriptions())
    }

    pub(crate) fn chain(&self) -> Option<&Arc<dyn EventSink>> {
        self.shared.chain.as_ref()
    }

    pub(crate) fn routes(&self) -> &Routes {
        &self.shared.routes
    }

    /// Whether what the chain stores is heard at once, and not by way of a feed.
    pub(crate) fn hears_its_own(&self) -> bool {
        self.shared.pump.is_none()
    }

    /// Lets subscribers hear events, each with what the chain made of it, where that is known.
    pub(crate) async fn publish<'a>(
        &self,
        events: impl Iterator<Item = (&'a WireEvent, Option<&'a Outcome>)> + Send,
    ) {
        let registry = &self.shared.registry;
        if registry.is_idle() {
            return;
        }
        let routes = self.routes();
        let heard = events.filter_map(|(event, outcome)| registry.hear(event, outcome, routes));
        registry.publish(heard).await;
    }

    fn made(
        chain: Option<Arc<dyn EventSink>>,
        routes: Arc<Routes>,
        registry: Arc<Registry>,
        pump: Option<Pump>,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                chain,
                routes,
                history: OnceLock::new(),
                registry,
                next: AtomicU64::new(0),
                pump,
            }),
        }
    }

    fn subscribe_to(&self, of: Of, pattern: SubjectPattern, queue: Queue) -> Subscription {
        let id = self.shared.next.fetch_add(1, Ordering::Relaxed);
        let place = Place { id, of, pattern };
        Subscription::new(Inbox::new(place, queue), &self.shared.registry)
    }
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}: {:?}", self.counts())
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(pump) = &self.pump {
            pump.task.abort();
        }
        self.registry.close();
    }
}
