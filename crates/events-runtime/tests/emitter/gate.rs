use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use events_core::{Draft, Event, EventSink, MemorySink, Outcome, SinkError, WireEvent};
use events_runtime::{Config, Emitter};
use tokio::sync::Semaphore;

/// Delivers a batch to memory when it is let through, and panics over the event `0`.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    pub(crate) memory: MemorySink,
    permits: Arc<Semaphore>,
    begun: Arc<AtomicUsize>,
    running: Arc<AtomicUsize>,
}

impl Gate {
    pub(crate) fn closed() -> Self {
        Self {
            memory: MemorySink::default(),
            permits: Arc::new(Semaphore::new(0)),
            begun: Arc::default(),
            running: Arc::default(),
        }
    }

    pub(crate) fn emitter(&self, config: Config) -> Emitter {
        Emitter::new(Arc::new(self.clone()), config)
    }

    pub(crate) fn let_through(&self, batches: usize) {
        self.permits.add_permits(batches);
    }

    /// How many deliveries began.
    pub(crate) fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }

    /// How many deliveries began and were neither finished nor dropped.
    pub(crate) fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }

    pub(crate) fn stored(&self) -> Vec<usize> {
        ids(&self.memory.events())
    }
}

#[async_trait]
impl EventSink for Gate {
    fn prepare(&self, _drafts: &mut [Draft]) {}

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let _running = Running::new(&self.running);
        self.permits.acquire().await.unwrap().forget();
        assert!(!ids(events).contains(&0), "the sink falls over");
        self.memory.deliver(events).await
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("gate")
    }
}

struct Running(Arc<AtomicUsize>);

impl Running {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

pub(crate) fn event(id: usize) -> Event {
    sink_testkit::event(&id.to_string(), "")
}

pub(crate) fn ids(events: &[WireEvent]) -> Vec<usize> {
    events
        .iter()
        .map(|event| event.attributes().id().as_str().parse().unwrap())
        .collect()
}
