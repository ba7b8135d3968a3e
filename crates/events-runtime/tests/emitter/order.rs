use std::sync::Arc;
use std::time::Duration;

use events_core::{Event, MemorySink};
use events_runtime::{Config, Emitter};
use tokio::time::Instant;

use crate::gate::{Gate, event, ids};

#[tokio::test]
async fn what_is_queued_becomes_the_next_batch_in_order() {
    let gate = Gate::closed();
    let emitter = gate.emitter(Config {
        in_flight: 1,
        ..Config::default()
    });
    let first = emitter.try_emit(event(1)).unwrap();
    tokio::task::yield_now().await;
    assert_eq!(gate.begun(), 1, "an idle emitter waits for nothing");
    let pending: Vec<_> = (2..=50)
        .map(|id| emitter.try_emit(event(id)).unwrap())
        .collect();
    gate.let_through(2);
    first.await.unwrap();
    for accepted in pending {
        assert_eq!(accepted.await.unwrap().outcome.as_str(), "delivered");
    }
    assert_eq!(gate.begun(), 2);
    assert_eq!(gate.stored(), (1..=50).collect::<Vec<_>>());
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
async fn several_batches_are_in_flight_and_no_more_than_allowed() {
    let gate = Gate::closed();
    let emitter = gate.emitter(Config {
        batch_events: 2,
        in_flight: 3,
        ..Config::default()
    });
    let all = emitter.emit_all((1..=10).map(event).collect());
    let mut all = Box::pin(all);
    assert!(futures::poll!(&mut all).is_pending());
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert_eq!((gate.begun(), emitter.load().batches), (3, 3));
    gate.let_through(5);
    assert!(all.await.iter().all(Result::is_ok));
    assert_eq!(gate.stored(), (1..=10).collect::<Vec<_>>());
    assert_eq!((gate.begun(), emitter.load().batches), (5, 0));
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
    assert!(emitter.emit_all(Vec::new()).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn with_a_linger_a_batch_waits_to_be_full_old_or_asked_for() {
    let gate = Gate::closed();
    gate.let_through(3);
    let linger = Duration::from_secs(2);
    let emitter = gate.emitter(Config {
        batch_events: 3,
        linger,
        ..Config::default()
    });
    let start = Instant::now();
    let full = emitter.emit_all((1..=3).map(event).collect()).await;
    assert!(full.iter().all(Result::is_ok));
    assert_eq!(start.elapsed(), Duration::ZERO, "a full batch goes at once");
    assert!(emitter.emit(event(4)).await.is_ok());
    assert_eq!(start.elapsed(), linger, "one alone waits for others");
    let pending = emitter.try_emit(event(5)).unwrap();
    tokio::task::yield_now().await;
    assert_eq!(gate.begun(), 2);
    assert!(emitter.flush(linger / 2).await);
    pending.await.unwrap();
    assert_eq!(start.elapsed(), linger, "a flush does not wait");
}
