//! What the bus and the node's own events come to, under the names of the metrics.

use std::sync::Arc;

use events_bus::Bus;
use prometheus_client::collector::Collector;
use serde_json::{Value, json};

use crate::metrics::{Readings, Tallies};
use crate::node;

/// The figures of the bus, and of what the node tells of itself.
pub(crate) fn figures(bus: &Bus, told: &Arc<node::Counts>) -> Vec<Box<dyn Collector>> {
    let read = bus.clone();
    let subscribers = move || read.counts().subscriptions as f64;
    let help = "Subscriptions to the bus, live tails among them";
    let subscribers = Readings::one("bus_subscribers", help, subscribers);
    let read = bus.clone();
    let events = move || {
        let counts = read.counts();
        named([
            ("published", counts.published),
            ("delivered", counts.delivered),
            ("unroutable", counts.unroutable),
        ])
    };
    let help =
        "Events on the bus: heard while anybody listened, put into queues, without a subject";
    let events = Tallies::new("bus_events", help, "outcome", events);
    let read = bus.clone();
    let dropped = move || {
        let counts = read.counts();
        named([
            ("oldest", counts.dropped_oldest),
            ("late", counts.dropped_late),
            ("disconnected", counts.disconnected),
            ("panicked", counts.panicked),
        ])
    };
    let help = "Deliveries that a subscriber of the bus lost, by why";
    let dropped = Tallies::new("bus_dropped", help, "reason", dropped);
    let told = Arc::clone(told);
    let help = "Events that this node told of itself, by what became of them";
    let told = Tallies::new("node_events", help, "outcome", move || told.named());
    vec![
        Box::new(subscribers),
        Box::new(events),
        Box::new(dropped),
        Box::new(told),
    ]
}

/// The bus, as `/v1/status` shows it.
pub(crate) fn status(bus: &Bus) -> Value {
    let counts = bus.counts();
    json!({
        "subscribers": counts.subscriptions,
        "published": counts.published,
        "delivered": counts.delivered,
        "dropped": counts.dropped_oldest + counts.dropped_late,
        "disconnected": counts.disconnected,
        "panicked": counts.panicked,
    })
}

fn named<const N: usize>(counts: [(&str, u64); N]) -> Vec<(String, u64)> {
    let owned = |(name, count): (&str, u64)| (name.to_owned(), count);
    counts.map(owned).into()
}
