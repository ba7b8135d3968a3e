use std::sync::Arc;

use events_bus::{Bus, Queue};
use events_core::subject::Routes;
use futures::{FutureExt as _, StreamExt as _};

use crate::kit::{event, numbered, sealed, taken};

fn listening() -> Bus {
    Bus::listening(Arc::default())
}

#[tokio::test]
async fn patterns_are_over_the_resolved_subject_and_types_over_the_type() {
    let bus = listening();
    let subject = |pattern: &str| bus.subscribe(pattern.parse().unwrap(), Queue::default());
    let kind = |pattern: &str| bus.subscribe_type(pattern.parse().unwrap(), Queue::default());
    let mut audit = subject("consign.audit.*.>");
    let mut tools = subject("consign.events.acme.tool.*");
    let mut everything = subject(">");
    let mut crashes = kind("tool.crashed");
    let mut runs = kind("run.>");
    let mut acme = event("4", "tool.crashed");
    let tenant = "tenantid".parse().unwrap();
    acme.set_extension(tenant, events_core::Extension::text("acme").unwrap());
    let events = [
        event("1", "audit.recorded"),
        event("2", "run.step.done"),
        event("3", "tool.crashed"),
        acme,
        event("5", "mcp.announce"),
    ];
    bus.hear(&events.map(sealed)).await;
    assert_eq!(taken(&mut audit), ["1"]);
    assert_eq!(taken(&mut tools), ["4"]);
    assert_eq!(taken(&mut everything), ["1", "2", "3", "4", "5"]);
    assert_eq!(taken(&mut crashes), ["3", "4"]);
    assert_eq!(taken(&mut runs), ["2"]);
    assert_eq!(bus.counts().delivered, 10);
}

#[tokio::test]
async fn who_comes_and_goes_is_seen_by_the_next_event() {
    let bus = listening();
    let subscribe = || bus.subscribe("consign.events.single.a".parse().unwrap(), Queue::default());
    let mut first = subscribe();
    bus.hear(&numbered(1, "a")).await;
    let mut second = subscribe();
    bus.hear(&numbered(1, "a")).await;
    assert_eq!((taken(&mut first).len(), taken(&mut second).len()), (2, 1));
    drop(first);
    bus.hear(&numbered(1, "a")).await;
    assert_eq!(taken(&mut second).len(), 1);
    assert_eq!((bus.counts().delivered, bus.counts().published), (4, 3));
}

#[tokio::test]
async fn a_hundred_thousand_subscriptions_leave_nothing_when_they_are_dropped() {
    let bus = listening();
    let mut subscriptions = Vec::new();
    for number in 0..100_000 {
        let pattern = match number % 3 {
            0 => "consign.events.>".to_owned(),
            1 => format!("consign.*.single.kind{number}"),
            _ => format!("consign.events.t{number}.a.*"),
        };
        let queue = Queue::default();
        subscriptions.push(if number % 2 == 0 {
            bus.subscribe(pattern.parse().unwrap(), queue)
        } else {
            bus.subscribe_type(pattern.parse().unwrap(), queue)
        });
    }
    let events = numbered(1, "kind4");
    bus.hear(&events).await;
    assert_eq!(bus.counts().subscriptions, 100_000);
    assert_eq!(bus.counts().delivered, 16_668);
    // What the subscribers hold of the event goes with them.
    drop(subscriptions);
    assert_eq!(bus.counts().subscriptions, 0);
    bus.hear(&events).await;
    assert_eq!(bus.counts().published, 1, "nobody is there to be told");
}

#[tokio::test]
async fn the_last_handle_ends_every_subscription_behind_its_queue() {
    let bus = listening();
    let mut subscription = bus.subscribe(">".parse().unwrap(), Queue::default());
    let clone = bus.clone();
    drop(bus);
    clone.hear(&numbered(2, "a")).await;
    drop(clone);
    assert_eq!(taken(&mut subscription), ["1", "2"]);
    assert!(subscription.next().now_or_never().unwrap().is_none());
}

#[tokio::test]
async fn an_event_without_a_subject_is_counted_and_heard_by_nobody() {
    let routes = Routes::custom([("run.>", "runs.{rest}")], "x").unwrap();
    let bus = Bus::listening(Arc::new(routes));
    let mut everything = bus.subscribe(">".parse().unwrap(), Queue::default());
    bus.hear(&[
        sealed(event("1", "run.done")),
        sealed(event("2", "tool.started")),
    ])
    .await;
    assert_eq!(taken(&mut everything), ["1"]);
    assert_eq!(bus.counts().unroutable, 1);
}
