use std::sync::Arc;
use std::time::Duration;

use events_bus::{Bus, Fed, Item, Lag, MemoryFeed, Queue};
use events_core::{ErrorKind, MemorySink};
use tokio::time::Instant;

use crate::kit::{all, emit, event, heard, holds, next, taken, text};

fn attached(feed: &Arc<MemoryFeed>, patterns: &[&str]) -> (Bus, MemorySink) {
    let sink = MemorySink::default();
    let patterns = patterns.iter().map(|p| p.parse().unwrap()).collect();
    let chain = Arc::new(sink.clone());
    let bus = Bus::attached(chain, Arc::default(), feed.clone(), patterns);
    (bus.unwrap(), sink)
}

#[tokio::test(start_paused = true)]
async fn what_is_emitted_is_stored_and_what_the_feed_brings_is_heard() {
    let feed = Arc::new(MemoryFeed::default());
    let (bus, sink) = attached(&feed, &["consign.>", "mcpgw.>"]);
    bus.ready().await;
    let mut tools = bus.subscribe("consign.events.*.tool.>".parse().unwrap(), Queue::default());
    let mut crashes = bus.subscribe_type("tool.crashed".parse().unwrap(), Queue::default());
    emit(&bus, event("1", "tool.started")).await;
    assert_eq!(sink.events().len(), 1);
    assert!(taken(&mut tools).is_empty(), "it comes by the feed, once");
    let subject = "consign.events.single.tool.crashed";
    feed.bring(&Fed::Event(heard(subject, event("2", "tool.crashed"))));
    feed.bring(&Fed::Undecodable);
    feed.bring(&Fed::Event(heard(
        "elsewhere.x",
        event("3", "tool.crashed"),
    )));
    assert_eq!(text(&next(&mut tools).await), "2");
    assert_eq!(text(&next(&mut crashes).await), "2");
    feed.bring(&Fed::Break);
    assert!(matches!(
        next(&mut tools).await,
        Item::Lagged { missed: None }
    ));
    assert_eq!((bus.counts().undecodable, bus.counts().breaks), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_feed_that_breaks_off_is_opened_anew_and_everybody_is_told() {
    let feed = Arc::new(MemoryFeed::default());
    let (bus, _) = attached(&feed, &["consign.>"]);
    bus.ready().await;
    let mut subscription = all(&bus, Queue::default());
    feed.break_off();
    // Once when it breaks off, and once it is open: what came between is missed.
    for _ in 0..2 {
        assert!(matches!(
            next(&mut subscription).await,
            Item::Lagged { missed: None }
        ));
    }
    bus.ready().await;
    feed.bring(&Fed::Event(heard(SUBJECT, event("1", "a.b"))));
    assert_eq!(text(&next(&mut subscription).await), "1");
}

#[tokio::test(start_paused = true)]
async fn the_last_handle_lets_go_of_the_feed() {
    let feed = Arc::new(MemoryFeed::default());
    let (bus, _) = attached(&feed, &["consign.>"]);
    bus.ready().await;
    drop(bus);
    while feed.following() > 0 {
        feed.bring(&Fed::Break);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn patterns_by_which_an_event_would_be_heard_twice_are_refused() {
    let feed = Arc::new(MemoryFeed::default());
    let patterns = vec!["consign.>".parse().unwrap(), "*.audit.>".parse().unwrap()];
    let chain = Arc::new(MemorySink::default());
    let refused = Bus::attached(chain, Arc::default(), feed, patterns);
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Config);
}

#[tokio::test(start_paused = true)]
async fn an_event_on_another_subject_than_its_own_is_heard_by_nobody() {
    let feed = Arc::new(MemoryFeed::default());
    let (bus, _) = attached(&feed, &["consign.>"]);
    bus.ready().await;
    let mut all = all(&bus, Queue::default());
    // Whoever may publish for one tenant must not speak for another.
    feed.bring(&Fed::Event(heard(
        "consign.events.acme.a.b",
        event("1", "a.b"),
    )));
    feed.bring(&Fed::Event(heard(SUBJECT, event("2", "a.b"))));
    assert_eq!(text(&next(&mut all).await), "2");
    assert_eq!((bus.counts().misplaced, bus.counts().published), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn who_came_before_the_feed_was_open_is_told() {
    let feed = Arc::new(MemoryFeed::default());
    let (bus, _) = attached(&feed, &["consign.>"]);
    let mut early = all(&bus, Queue::default());
    bus.ready().await;
    let mut late = all(&bus, Queue::default());
    feed.bring(&Fed::Event(heard(SUBJECT, event("1", "a.b"))));
    assert!(matches!(
        next(&mut early).await,
        Item::Lagged { missed: None }
    ));
    assert_eq!(text(&next(&mut early).await), "1");
    assert_eq!(text(&next(&mut late).await), "1");
    assert_eq!(bus.counts().breaks, 0, "nothing broke");
}

#[tokio::test(start_paused = true)]
async fn a_feed_waits_for_nobody() {
    let feed = Arc::new(MemoryFeed::default());
    let (bus, _) = attached(&feed, &["consign.>"]);
    bus.ready().await;
    let mut stuck = all(&bus, holds(2, Lag::Wait(Duration::from_secs(60))));
    let mut other = all(&bus, Queue::default());
    let began = Instant::now();
    for n in 0..5 {
        feed.bring(&Fed::Event(heard(SUBJECT, event(&n.to_string(), "a.b"))));
    }
    for n in 0..5 {
        assert_eq!(text(&next(&mut other).await), n.to_string());
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(taken(&mut stuck), ["0", "1", "-3"]);
    assert_eq!(bus.counts().dropped_late, 3);
}

const SUBJECT: &str = "consign.events.single.a.b";
