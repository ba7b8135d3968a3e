use std::time::Duration;

use events_bus::{Bus, Lag, Queue};
use futures::{FutureExt as _, StreamExt as _};
use tokio::time::Instant;

use crate::kit::{all, holds, numbered, taken, text};

fn listening() -> Bus {
    Bus::listening(std::sync::Arc::default())
}

#[tokio::test]
async fn the_oldest_go_and_their_number_stands_in_their_place() {
    let bus = listening();
    let mut slow = all(&bus, holds(3, Lag::DropOldest));
    bus.hear(&numbered(8, "a.b")).await;
    assert_eq!(taken(&mut slow), ["-5", "6", "7", "8"]);
    bus.hear(&numbered(2, "a.b")).await;
    assert_eq!(taken(&mut slow), ["1", "2"]);
    let counts = bus.counts();
    assert_eq!((counts.delivered, counts.dropped_oldest), (10, 5));
    let received = slow.received();
    assert_eq!((received.events, received.missed), (5, 5));
}

#[tokio::test]
async fn a_queue_is_bounded_in_bytes_and_one_large_event_still_fits_alone() {
    let bus = listening();
    let events = numbered(5, "a.b");
    let length = events[0].bytes().len();
    let queue = |bytes| Queue {
        bytes,
        ..Queue::default()
    };
    let mut two = all(&bus, queue(2 * length));
    let mut tiny = all(&bus, queue(1));
    bus.hear(&events).await;
    assert_eq!(taken(&mut two), ["-3", "4", "5"]);
    assert_eq!(taken(&mut tiny), ["-4", "5"]);
}

#[tokio::test]
async fn who_lags_is_disconnected_behind_its_queue_and_leaves_the_others() {
    let bus = listening();
    let mut slow = all(&bus, holds(2, Lag::Disconnect));
    let mut other = all(&bus, Queue::default());
    bus.hear(&numbered(9, "a.b")).await;
    assert_eq!(taken(&mut other).len(), 9);
    assert_eq!(bus.counts().subscriptions, 1);
    assert_eq!(taken(&mut slow), ["1", "2", "-1", "x"]);
    assert!(
        slow.next().now_or_never().unwrap().is_none(),
        "it has ended"
    );
    let counts = bus.counts();
    assert_eq!((counts.disconnected, counts.delivered), (1, 11));
}

#[tokio::test(start_paused = true)]
async fn who_asks_to_be_waited_for_misses_nothing_while_it_takes() {
    let bus = listening();
    let mut slow = all(&bus, holds(2, Lag::Wait(Duration::from_secs(1))));
    let publisher = tokio::spawn({
        let bus = bus.clone();
        async move {
            bus.hear(&numbered(10, "a.b")).await;
            bus.hear(&numbered(1, "a.b")).await;
        }
    });
    let mut ids = Vec::new();
    for _ in 0..11 {
        tokio::time::sleep(Duration::from_millis(90)).await;
        ids.push(text(&slow.next().await.unwrap()));
    }
    publisher.await.unwrap();
    assert_eq!(ids.concat(), "123456789101");
    assert_eq!((bus.counts().delivered, bus.counts().dropped_late), (11, 0));
}

#[tokio::test(start_paused = true)]
async fn one_patience_is_all_that_who_takes_nothing_costs() {
    let bus = listening();
    let mut stuck = all(&bus, holds(2, Lag::Wait(Duration::from_secs(1))));
    let mut other = all(&bus, Queue::default());
    let began = Instant::now();
    let publishing = tokio::spawn({
        let bus = bus.clone();
        async move {
            for _ in 0..5 {
                bus.hear(&numbered(4, "a.b")).await;
            }
        }
    });
    // The others have theirs before anybody is waited for.
    other.next().await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO);
    publishing.await.unwrap();
    assert_eq!(began.elapsed(), Duration::from_secs(1));
    assert_eq!(taken(&mut other).len(), 19);
    assert_eq!(
        (bus.counts().delivered, bus.counts().dropped_late),
        (22, 18)
    );
    assert_eq!(taken(&mut stuck), ["1", "2", "-18"]);
    // It takes again, so it is waited for again.
    bus.hear(&numbered(2, "a.b")).await;
    assert_eq!(taken(&mut stuck), ["1", "2"]);
}

#[tokio::test(start_paused = true)]
async fn one_patience_is_all_it_costs_publishers_whose_calls_overlap() {
    let bus = listening();
    let mut stuck = all(&bus, holds(2, Lag::Wait(Duration::from_secs(1))));
    let began = Instant::now();
    let publishers = (0..4).map(|n| {
        let bus = bus.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(300 * n)).await;
            for _ in 0..5 {
                bus.hear(&numbered(2, "a.b")).await;
            }
        })
    });
    for publisher in publishers.collect::<Vec<_>>() {
        publisher.await.unwrap();
    }
    assert_eq!(began.elapsed(), Duration::from_secs(1));
    assert_eq!((bus.counts().delivered, bus.counts().dropped_late), (2, 38));
    assert_eq!(taken(&mut stuck), ["1", "2", "-38"]);
}

#[tokio::test(start_paused = true)]
async fn a_publisher_that_goes_away_while_it_waits_leaves_the_loss_told() {
    let bus = listening();
    let mut slow = all(&bus, holds(1, Lag::Wait(Duration::from_secs(60))));
    let events = numbered(4, "a.b");
    assert!(bus.hear(&events).now_or_never().is_none(), "it waits");
    assert_eq!(bus.counts().dropped_late, 3);
    assert_eq!(taken(&mut slow), ["1", "-3"]);
    bus.hear(&numbered(1, "a.b")).await;
    assert_eq!(taken(&mut slow), ["1"]);
}

#[tokio::test(start_paused = true)]
async fn who_is_waited_for_and_goes_away_lets_the_publisher_go_on() {
    let bus = listening();
    let slow = all(&bus, holds(1, Lag::Wait(Duration::from_secs(60))));
    let began = Instant::now();
    let publishing = tokio::spawn({
        let bus = bus.clone();
        async move { bus.hear(&numbered(4, "a.b")).await }
    });
    tokio::task::yield_now().await;
    drop(slow);
    publishing.await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(bus.counts().subscriptions, 0);
}

#[tokio::test]
async fn who_wants_to_be_woken_alone_is_told_of_nothing_it_missed() {
    let bus = listening();
    let mut subscription = all(&bus, holds(1, Lag::Skip));
    bus.hear(&numbered(9, "a.b")).await;
    assert_eq!(taken(&mut subscription), ["1"]);
    bus.hear(&numbered(1, "a.b")).await;
    assert_eq!(taken(&mut subscription), ["1"]);
    let counts = bus.counts();
    assert_eq!(
        (counts.delivered, counts.dropped_oldest, counts.dropped_late),
        (2, 0, 0)
    );
    assert_eq!(subscription.received().missed, 0);
}
