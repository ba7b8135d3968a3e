use std::time::Duration;

use events_core::{ErrorKind, Place};
use events_runtime::Config;
use futures::poll;
use tokio::time::Instant;

use crate::gate::{Gate, event};

#[tokio::test]
async fn a_flush_waits_for_what_was_accepted_before_it_and_for_nothing_else() {
    let gate = Gate::closed();
    let emitter = gate.emitter(Config {
        batch_events: 1,
        ..Config::default()
    });
    let before = emitter.try_emit(event(1)).unwrap();
    let mut flush = Box::pin(emitter.flush(Duration::from_secs(60)));
    assert!(poll!(&mut flush).is_pending());
    let _after = emitter.try_emit(event(2)).unwrap();
    gate.let_through(1);
    before.await.unwrap();
    assert!(flush.await);
    assert_eq!(gate.stored(), [1]);
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
    let refused = emitter.emit(event(2)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unavailable);
    gate.let_through(1);
    assert!(shutdown.await.unwrap());
    let stored = accepted.await.unwrap();
    assert_eq!(stored.outcome.receipt().place(), &Place::Noop);
    assert_eq!(
        emitter.try_emit(event(3)).unwrap_err().kind(),
        ErrorKind::Unavailable
    );
}

#[tokio::test(start_paused = true)]
async fn past_the_deadline_of_a_shutdown_everyone_has_an_answer_and_the_sink_is_left_alone() {
    let gate = Gate::closed();
    let emitter = gate.emitter(Config {
        batch_events: 1,
        in_flight: 2,
        ..Config::default()
    });
    let pending: Vec<_> = (1..=5)
        .map(|id| emitter.try_emit(event(id)).unwrap())
        .collect();
    let start = Instant::now();
    assert!(!emitter.shutdown(Duration::from_secs(2)).await);
    assert_eq!(start.elapsed(), Duration::from_secs(2));
    assert_eq!((gate.begun(), gate.running()), (2, 0));
    for accepted in pending {
        let mut accepted = Box::pin(accepted);
        let answer = poll!(&mut accepted);
        assert!(matches!(answer, std::task::Poll::Ready(Err(error))
            if error.kind() == ErrorKind::Unavailable));
    }
    assert_eq!((emitter.load().events, emitter.counts().unanswered), (0, 5));
    gate.let_through(5);
    assert!(emitter.flush(Duration::from_secs(1)).await);
    assert!(gate.stored().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_sends_away_those_who_wait_for_room() {
    let gate = Gate::closed();
    let emitter = gate.emitter(Config {
        queue_events: 1,
        ..Config::default()
    });
    let accepted = emitter.try_emit(event(1)).unwrap();
    let mut waiting = Box::pin(emitter.emit_all((2..=4).map(event).collect()));
    let mut behind = Box::pin(emitter.emit(event(5)));
    assert!(poll!(&mut waiting).is_pending());
    assert!(poll!(&mut behind).is_pending());
    let start = Instant::now();
    let mut shutdown = Box::pin(emitter.shutdown(Duration::from_secs(60)));
    assert!(poll!(&mut shutdown).is_pending());
    for refused in waiting.await {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unavailable);
    }
    assert_eq!(behind.await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(start.elapsed(), Duration::ZERO);
    gate.let_through(1);
    assert!(shutdown.await);
    accepted.await.unwrap();
}

#[tokio::test]
async fn when_the_last_handle_is_dropped_what_was_accepted_is_finished() {
    let gate = Gate::closed();
    let emitter = gate.emitter(Config {
        batch_events: 1,
        in_flight: 1,
        linger: Duration::from_secs(3600),
        ..Config::default()
    });
    let pending: Vec<_> = (1..=3)
        .map(|id| emitter.try_emit(event(id)).unwrap())
        .collect();
    drop(emitter);
    gate.let_through(3);
    for accepted in pending {
        accepted.await.unwrap();
    }
    assert_eq!(gate.stored(), [1, 2, 3]);
}

#[test]
fn when_the_runtime_goes_everyone_has_an_answer() {
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread()
            .enable_time()
            .build()
            .unwrap()
    };
    let first = runtime();
    let gate = Gate::closed();
    let (stuck, queued) = first.block_on(async {
        let emitter = gate.emitter(Config {
            batch_events: 1,
            in_flight: 1,
            ..Config::default()
        });
        (
            emitter.try_emit(event(1)).unwrap(),
            emitter.try_emit(event(2)).unwrap(),
        )
    });
    drop(first);
    for accepted in [stuck, queued] {
        let answer = runtime().block_on(accepted);
        assert_eq!(answer.unwrap_err().kind(), ErrorKind::Unavailable);
    }
}
