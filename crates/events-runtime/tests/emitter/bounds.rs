use std::time::Duration;

use events_core::{ErrorKind, Event};
use events_runtime::{Config, Overflow};
use futures::poll;
use tokio::time::Instant;

use crate::gate::{Gate, event};

fn bounded(events: usize) -> Config {
    Config {
        queue_events: events,
        overflow: Overflow::Wait(PATIENCE),
        ..Config::default()
    }
}

#[tokio::test(start_paused = true)]
async fn the_queue_is_bounded_in_events_and_a_wait_has_a_deadline() {
    let gate = Gate::closed();
    let emitter = gate.emitter(bounded(2));
    let first = emitter.try_emit(event(1)).unwrap();
    let _second = emitter.try_emit(event(2)).unwrap();
    let refused = emitter.try_emit(event(3)).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Saturated);
    assert_eq!(emitter.load().events, 2);
    let start = Instant::now();
    let refused = emitter.emit(event(3)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Saturated);
    assert_eq!(start.elapsed(), PATIENCE);
    gate.let_through(2);
    first.await.unwrap();
    assert!(emitter.emit(event(4)).await.is_ok());
    let counts = emitter.counts();
    assert_eq!((counts.accepted, counts.refused), (3, 2));
}

#[tokio::test]
async fn the_queue_is_bounded_in_bytes_and_one_large_event_still_fits_alone() {
    let gate = Gate::closed();
    let emitter = gate.emitter(Config {
        queue_bytes: 8 * 1024,
        ..Config::default()
    });
    let text = format!("\"{}\"", "x".repeat(100_000));
    let large = Event::builder("1", "/test", "t").json(&text).build();
    let pending = emitter.try_emit(large.unwrap()).unwrap();
    assert!(emitter.load().bytes > 100_000);
    let refused = emitter.try_emit(event(2)).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Saturated);
    gate.let_through(1);
    pending.await.unwrap();
    assert!(emitter.flush(Duration::from_secs(5)).await);
    assert!(emitter.try_emit(event(2)).is_ok());
}

#[tokio::test(start_paused = true)]
async fn told_to_refuse_it_never_waits() {
    let gate = Gate::closed();
    let emitter = gate.emitter(Config {
        overflow: Overflow::Refuse,
        ..bounded(2)
    });
    let start = Instant::now();
    let mut all = Box::pin(emitter.emit_all((1..=4).map(event).collect()));
    assert!(poll!(&mut all).is_pending());
    gate.let_through(1);
    let kinds: Vec<_> = all
        .await
        .into_iter()
        .map(|result| result.err().map(|error| error.kind()))
        .collect();
    let full = Some(ErrorKind::Saturated);
    assert_eq!(kinds, [None, None, full, full]);
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_batch_beyond_the_queue_goes_through_as_room_comes() {
    let gate = Gate::closed();
    gate.let_through(1000);
    let emitter = gate.emitter(bounded(7));
    let results = emitter.emit_all((1..=100).map(event).collect()).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(gate.stored(), (1..=100).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn one_patience_is_all_a_stuck_sink_costs_a_call() {
    let gate = Gate::closed();
    let emitter = gate.emitter(bounded(2));
    let start = Instant::now();
    let mut all = Box::pin(emitter.emit_all((1..=100).map(event).collect()));
    assert!(poll!(&mut all).is_pending());
    tokio::time::sleep(PATIENCE).await;
    gate.let_through(2);
    let stored = all.await.iter().filter(|result| result.is_ok()).count();
    assert_eq!((stored, start.elapsed()), (2, PATIENCE));
    assert_eq!(emitter.counts().refused, 98);
}

#[tokio::test(start_paused = true)]
async fn nobody_overtakes_those_who_wait_for_room() {
    let gate = Gate::closed();
    let emitter = gate.emitter(bounded(1));
    let first = emitter.try_emit(event(1)).unwrap();
    let mut second = Box::pin(emitter.emit(event(2)));
    let mut third = Box::pin(emitter.emit(event(3)));
    let mut gone = Box::pin(emitter.emit(event(4)));
    for waiting in [&mut second, &mut third, &mut gone] {
        assert!(poll!(waiting).is_pending());
    }
    drop(gone);
    gate.let_through(3);
    first.await.unwrap();
    let refused = emitter.try_emit(event(5)).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Saturated);
    let (third, second) = tokio::join!(third, second);
    assert!(second.is_ok() && third.is_ok());
    assert!(
        emitter.try_emit(event(6)).is_ok(),
        "the line is empty again"
    );
    assert_eq!(gate.stored(), [1, 2, 3]);
}

const PATIENCE: Duration = Duration::from_secs(3);
