use std::future::ready;

use events_bus::{Bus, Item, Lag, Queue, Subscription};
use events_core::subject::SubjectPattern;
use events_core::time::now;
use events_http::{TailItem, Wanted};
use futures::stream::{self, BoxStream, StreamExt as _};

/// What is spilled from now on, of what is wanted. What a slow client has no room for is not told
/// as missed: it comes when it is stored.
pub(super) fn spilled(bus: &Bus, wanted: &Wanted) -> BoxStream<'static, TailItem> {
    let subscription = pattern(wanted).map(|all| bus.subscribe_spilled(all, Queue::default()));
    let wanted = wanted.clone();
    let item = move |item: Item| {
        let event = item.event().filter(|event| {
            // It is not stored yet: its time of storing is to come.
            wanted.wants_event(event) && wanted.filter.until.is_none_or(|until| now() < until)
        });
        ready(event.map(|event| TailItem::Spilled {
            event: event.clone(),
        }))
    };
    all(subscription).filter_map(item).boxed()
}

/// Says when something came that may be wanted, and has been stored.
pub(super) fn wakes(bus: &Bus, wanted: &Wanted) -> BoxStream<'static, ()> {
    let queue = Queue {
        events: 1,
        ..Queue::lagging(Lag::Skip)
    };
    let subscription = pattern(wanted).map(|all| bus.subscribe(all, queue));
    all(subscription).map(drop).boxed()
}

/// Both, until `stored` ends.
pub(super) fn beside(
    stored: BoxStream<'static, TailItem>,
    others: BoxStream<'static, TailItem>,
) -> BoxStream<'static, TailItem> {
    let stored = stored.map(Some).chain(stream::iter([None]));
    let items = stream::select(stored, others.map(Some));
    items
        .take_while(|item| ready(item.is_some()))
        .filter_map(ready)
        .boxed()
}

fn all(subscription: Option<Subscription>) -> impl futures::Stream<Item = Item> + Send {
    stream::iter(subscription).flatten()
}

/// The subjects that may be wanted.
fn pattern(wanted: &Wanted) -> Option<SubjectPattern> {
    let named = wanted.filter.subject.clone();
    named.or_else(|| ">".parse().ok())
}
