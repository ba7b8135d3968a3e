//! What an emitter promises its hosts.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use events_core::{
    Draft, ErrorKind, Event, EventSink, MemorySink, Outcome, Place, SinkError, WireEvent,
};
use events_runtime::{Config, Emitter, Overflow};
use tokio::sync::Semaphore;

fn event(id: usize) -> Event {
    Event::builder(&id.to_string(), "/test", "test.made")
        .json("{}")
        .build()
        .unwrap()
}

fn ids(events: &[WireEvent]) -> Vec<usize> {
    events
        .iter()
        .map(|event| event.attributes().id().as_str().parse().unwrap())
        .collect()
}

/// Delivers a batch when a permit is added, and panics over the event `0`.
#[derive(Clone, Debug)]
struct Gate {
    inner: MemorySink,
    permits: Arc<Semaphore>,
    batches: Arc<AtomicUsize>,
}

impl Gate {
    fn closed() -> Self {
        Self {
            inner: MemorySink::default(),
            permits: Arc::new(Semaphore::new(0)),
            batches: Arc::default(),
        }
    }

    fn emitter(&self, config: Config) -> Emitter {
        Emitter::new(Arc::new(self.clone()), config)
    }
}

#[async_trait]
impl EventSink for Gate {
    fn prepare(&self, _drafts: &mut [Draft]) {}

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        self.batches.fetch_add(1, Ordering::SeqCst);
        self.permits.acquire().await.unwrap().forget();
        assert!(!ids(events).contains(&0), "the sink falls over");
        self.inner.deliver(events).await
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("gate")
    }
}

#[tokio::test]
async fn what_is_queued_becomes_the_next_batch_in_order() {
    let gate = Gate::closed();
    let emitter = gate.emitter(Config {
        in_flight: 1,
        ..Config::default()
    });
    let pending: Vec<_> = (1..=50)
        .map(|id| emitter.try_emit(event(id)).unwrap())
        .collect();
    gate.permits.add_permits(2);
    for accepted in pending {
        assert_eq!(accepted.await.unwrap().outcome.as_str(), "delivered");
    }
    assert!(gate.batches.load(Ordering::SeqCst) <= 2);
    assert_eq!(ids(&gate.inner.events()), (1..=50).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn with_several_batches_in_flight_one_callers_events_stay_in_order() {
    let memory = MemorySink::default();
    let config = Config {
        batch_events: 3,
        in_flight: 4,
        ..Config::default()
    };
    let emitter = Emitter::new(Arc::new(memory.clone()), config);
    let results = emitter.emit_all((1..=1000).map(event).collect()).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1000);
    assert_eq!(ids(&memory.events()), (1..=1000).collect::<Vec<_>>());
}

#[tokio::test]
async fn one_result_stands_for_each_event_and_says_which() {
    let memory = MemorySink::default();
    let emitter = Emitter::new(Arc::new(memory.clone()), Config::default());
    let bad = Event::builder("2", "/test", "t")
        .extension("tenantid", "a.b")
        .build()
        .unwrap();
    let results = emitter.emit_all(vec![event(1), bad, event(3)]).await;
    let said: Vec<_> = results
        .iter()
        .map(|result| result.as_ref().map(|stored| stored.event.message_id()).ok())
        .collect();
    let stored: Vec<_> = memory
        .events()
        .iter()
        .map(|event| event.message_id())
        .collect();
    assert_eq!(said, [Some(stored[0]), None, Some(stored[1])]);
}

#[tokio::test(start_paused = true)]
async fn the_queue_is_bounded_in_events_and_a_wait_has_a_deadline() {
    let gate = Gate::closed();
    let config = Config {
        queue_events: 2,
        overflow: Overflow::Wait(Duration::from_secs(3)),
        ..Config::default()
    };
    let emitter = gate.emitter(config);
    let first = emitter.try_emit(event(1)).unwrap();
    let _second = emitter.try_emit(event(2)).unwrap();
    assert_eq!(
        emitter.try_emit(event(3)).unwrap_err().kind(),
        ErrorKind::Saturated
    );
    assert_eq!(emitter.load().events, 2);
    let start = tokio::time::Instant::now();
    assert_eq!(
        emitter.emit(event(3)).await.unwrap_err().kind(),
        ErrorKind::Saturated
    );
    assert_eq!(start.elapsed(), Duration::from_secs(3));
    gate.permits.add_permits(2);
    first.await.unwrap();
    assert!(emitter.emit(event(4)).await.is_ok());
}

#[tokio::test]
async fn the_queue_is_bounded_in_bytes_and_one_large_event_still_fits_alone() {
    let gate = Gate::closed();
    let emitter = gate.emitter(Config {
        queue_bytes: 8 * 1024,
        ..Config::default()
    });
    let large = format!("\"{}\"", "x".repeat(100_000));
    let large = Event::builder("1", "/test", "t")
        .json(&large)
        .build()
        .unwrap();
    let pending = emitter.try_emit(large).unwrap();
    assert_eq!(
        emitter.try_emit(event(2)).unwrap_err().kind(),
        ErrorKind::Saturated
    );
    gate.permits.add_permits(1);
    pending.await.unwrap();
    assert!(emitter.flush(Duration::from_secs(5)).await);
    assert!(emitter.try_emit(event(2)).is_ok());
}

#[tokio::test]
async fn a_caller_that_goes_away_cancels_nothing() {
    let gate = Gate::closed();
    let emitter = gate.emitter(Config::default());
    let mut emission = Box::pin(emitter.emit(event(1)));
    assert!(futures::poll!(&mut emission).is_pending());
    drop(emission);
    gate.permits.add_permits(1);
    assert!(emitter.flush(Duration::from_secs(5)).await);
    assert_eq!(ids(&gate.inner.events()), [1]);
}

#[tokio::test]
async fn a_panicking_sink_costs_its_batch_an_error_and_the_next_one_nothing() {
    let gate = Gate::closed();
    let emitter = gate.emitter(Config::default());
    gate.permits.add_permits(2);
    assert_eq!(
        emitter.emit(event(0)).await.unwrap_err().kind(),
        ErrorKind::Unavailable
    );
    assert!(emitter.emit(event(1)).await.is_ok());
    assert_eq!(ids(&gate.inner.events()), [1]);
    assert_eq!(emitter.load().events, 0);
}

#[tokio::test]
async fn a_flush_waits_for_what_was_accepted_before_it_and_for_nothing_else() {
    let gate = Gate::closed();
    let emitter = gate.emitter(Config {
        batch_events: 1,
        ..Config::default()
    });
    let before = emitter.try_emit(event(1)).unwrap();
    let mut flush = Box::pin(emitter.flush(Duration::from_secs(60)));
    assert!(futures::poll!(&mut flush).is_pending());
    let _after = emitter.try_emit(event(2)).unwrap();
    gate.permits.add_permits(1);
    before.await.unwrap();
    assert!(flush.await);
    assert_eq!(ids(&gate.inner.events()), [1]);
    assert!(!emitter.flush(Duration::from_millis(1)).await);
}

#[tokio::test]
async fn a_shutdown_finishes_what_was_accepted_and_refuses_the_rest() {
    let gate = Gate::closed();
    let emitter = gate.emitter(Config::default());
    let accepted = emitter.try_emit(event(1)).unwrap();
    let clone = emitter.clone();
    let shutdown = tokio::spawn(async move { clone.shutdown(Duration::from_secs(60)).await });
    tokio::task::yield_now().await;
    assert_eq!(
        emitter.emit(event(2)).await.unwrap_err().kind(),
        ErrorKind::Unavailable
    );
    gate.permits.add_permits(1);
    assert!(shutdown.await.unwrap());
    assert_eq!(
        accepted.await.unwrap().outcome.receipt().place(),
        &Place::Noop
    );
}

#[tokio::test(start_paused = true)]
async fn past_the_deadline_of_a_shutdown_what_is_queued_gets_an_answer() {
    let gate = Gate::closed();
    let emitter = gate.emitter(Config {
        batch_events: 1,
        in_flight: 1,
        ..Config::default()
    });
    let stuck = emitter.try_emit(event(1)).unwrap();
    let queued = emitter.try_emit(event(2)).unwrap();
    assert!(!emitter.shutdown(Duration::from_secs(2)).await);
    assert_eq!(queued.await.unwrap_err().kind(), ErrorKind::Unavailable);
    gate.permits.add_permits(1);
    stuck.await.unwrap();
}
