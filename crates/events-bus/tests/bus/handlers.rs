use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use events_bus::{Bus, Item, Lag, Queue};

use crate::kit::{all, bus, emit, event, holds, next, numbered, text};

/// A handler that hands what it is called with to the test.
fn collecting() -> (impl FnMut(Item) + Send + 'static, Receiver<String>) {
    let (sender, receiver) = channel();
    (
        move |item: Item| sender.send(text(&item)).unwrap(),
        receiver,
    )
}

fn soon(receiver: &Receiver<String>) -> String {
    receiver.recv_timeout(Duration::from_secs(20)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_panics_is_called_again_and_counted() {
    let (bus, _) = bus();
    let (mut collect, seen) = collecting();
    let _handling = all(&bus, Queue::default()).handle(move |item| {
        let odd = text(&item) == "1" || text(&item) == "3";
        collect(item);
        async move { assert!(!odd, "hello bob") }
    });
    let (mut blocking, also_seen) = collecting();
    let blocking = all(&bus, Queue::default()).handle_blocking(move |item| {
        let odd = text(&item) == "2";
        blocking(item);
        assert!(!odd, "hello bob");
    });
    let _blocking = blocking.unwrap();
    for id in ["1", "2", "3", "4"] {
        emit(&bus, event(id, "a.b")).await;
    }
    for id in ["1", "2", "3", "4"] {
        assert_eq!((soon(&seen), soon(&also_seen)), (id.into(), id.into()));
    }
    // Each is through with the panic of 3 and 2 once it was called with 4.
    assert_eq!(bus.counts().panicked, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sleeps_forever_panics_or_is_slow_harms_nobody_else() {
    let (bus, sink) = bus();
    let _async_sleeper = all(&bus, Queue::default()).handle(|_| pending());
    let (wake, never) = channel::<()>();
    let sleeper = all(&bus, holds(8, Lag::DropOldest)).handle_blocking(move |_| {
        // Sleeps until the test is over.
        never.recv().ok();
    });
    let _panicking = all(&bus, Queue::default()).handle(|_| async { panic!("hello bob") });
    let _gone = all(&bus, holds(1, Lag::Disconnect));
    let mut good = all(&bus, Queue::default());

    for number in 1..=500 {
        emit(&bus, event(&number.to_string(), "a.b")).await;
        assert_eq!(text(&next(&mut good).await), number.to_string());
    }
    assert_eq!(sink.events().len(), 500);
    let counts = bus.counts();
    assert_eq!((counts.disconnected, counts.dropped_late), (1, 0));
    assert!(counts.dropped_oldest >= 500 - 9, "{counts:?}");
    drop((wake, sleeper));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_whose_handle_is_dropped_is_called_no_more() {
    let bus = Bus::listening(Arc::default());
    let (collect, seen) = collecting();
    let handling = all(&bus, Queue::default()).handle_blocking(collect);
    let calls = Arc::new(AtomicU64::new(0));
    let counting = calls.clone();
    let detached = all(&bus, Queue::default()).handle(move |_| {
        counting.fetch_add(1, Ordering::Relaxed);
        std::future::ready(())
    });
    detached.detach();
    bus.hear(&numbered(1, "a.b")).await;
    assert_eq!(soon(&seen), "1");
    drop(handling);
    // Its sender goes with it, so the channel ends.
    assert!(seen.recv_timeout(Duration::from_secs(20)).is_err());
    while bus.counts().subscriptions > 1 {
        tokio::task::yield_now().await;
    }
    bus.hear(&numbered(1, "a.b")).await;
    while calls.load(Ordering::Relaxed) < 2 {
        tokio::task::yield_now().await;
    }
}
