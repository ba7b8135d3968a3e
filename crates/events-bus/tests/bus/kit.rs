use std::sync::Arc;
use std::time::Duration;

use events_bus::{Bus, Heard, Item, Queue, Subscription};
use events_core::{Event, EventSinkExt as _, MemorySink, NoopSink, WireEvent};
use futures::{FutureExt as _, StreamExt as _};
use tokio::time::timeout;

/// A bus around a chain that keeps all in memory.
pub(crate) fn bus() -> (Bus, MemorySink) {
    let sink = MemorySink::default();
    (Bus::new(Arc::new(sink.clone()), Arc::default()), sink)
}

pub(crate) fn event(id: &str, kind: &str) -> Event {
    let event = Event::builder(id, "/test", kind);
    event.json(r#"{"text":"hello bob"}"#).build().unwrap()
}

pub(crate) fn sealed(event: Event) -> WireEvent {
    NoopSink.seal(vec![event]).remove(0).unwrap()
}

/// Events `1` to `count`, of that type.
pub(crate) fn numbered(count: usize, kind: &str) -> Vec<WireEvent> {
    let events = (1..=count).map(|number| event(&number.to_string(), kind));
    events.map(sealed).collect()
}

pub(crate) fn heard(subject: &str, event: Event) -> Heard {
    Heard::new(subject.parse().unwrap(), sealed(event))
}

pub(crate) fn all(bus: &Bus, queue: Queue) -> Subscription {
    bus.subscribe(">".parse().unwrap(), queue)
}

pub(crate) fn holds(events: usize, lag: events_bus::Lag) -> Queue {
    Queue {
        events,
        ..Queue::lagging(lag)
    }
}

/// The next item, as text: an id, `-3` for three missed, `?` for a break, `x` for disconnected.
pub(crate) fn text(item: &Item) -> String {
    match item {
        Item::Event(heard) => heard.event().attributes().id().as_str().to_owned(),
        Item::Lagged { missed: Some(n) } => format!("-{n}"),
        Item::Lagged { missed: None } => "?".to_owned(),
        Item::Disconnected => "x".to_owned(),
    }
}

/// All that is there to take now.
pub(crate) fn taken(subscription: &mut Subscription) -> Vec<String> {
    std::iter::from_fn(|| subscription.next().now_or_never().flatten())
        .map(|item| text(&item))
        .collect()
}

/// The next item, which must come soon.
pub(crate) async fn next(subscription: &mut Subscription) -> Item {
    let next = timeout(Duration::from_secs(10), subscription.next());
    next.await.unwrap().unwrap()
}

/// Emits an event that the chain must take.
pub(crate) async fn emit(bus: &Bus, event: Event) {
    assert_eq!(bus.emit(event).await.unwrap().as_str(), "delivered");
}
