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

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::panic::resume_unwind;
    use std::sync::{Arc, mpsc};
    use std::time::Duration;

    use events_bus::{Bus, Item, Lag, Queue, Subscription};
    use events_core::{Event, Filter, WireEvent};
    use events_runtime::Emitter;
    use futures::StreamExt as _;
    use tokio::time::{sleep, timeout};

    use super::figures;
    use crate::compose::{compose, routes};
    use crate::custody::Custody;
    use crate::data_dir::DataDir;
    use crate::metrics::Metrics;
    use crate::settings::Settings;
    use crate::traces::Traces;

    const EVENTS: usize = 3000;
    const ROOM: usize = 1000;

    /// Custody of a daemon with a journal, and what it needs to be observed.
    struct Rig {
        bus: Bus,
        custody: Custody,
        metrics: Arc<Metrics>,
    }

    impl Rig {
        async fn start(data: &std::path::Path) -> Self {
            let data = data.display().to_string();
            let names = ["CONSIGN_DATA_DIR".to_owned()];
            let lookup = |name: &str| (name == "CONSIGN_DATA_DIR").then(|| data.clone());
            let (settings, _) = Settings::from_lookup(&lookup, &names).unwrap();
            let _held = DataDir::open(&settings.data_dir).unwrap();
            let routes = Arc::new(routes(&settings).unwrap());
            let chain = compose(&settings, &routes).await.unwrap();
            let bus = Bus::new(chain.sink.clone(), Arc::clone(&routes));
            let _archive = chain.archive(&settings, &bus);
            let emitter = Emitter::new(Arc::new(bus.clone()), events_runtime::Config::default());
            let metrics = Arc::new(Metrics::new("journal", figures(&bus, &Arc::default())));
            let traces = Traces::start("journal");
            let tenant = settings.tenant_default;
            let custody = Custody::new(emitter, routes, tenant, metrics.clone(), traces);
            Self {
                bus,
                custody,
                metrics,
            }
        }

        /// Takes custody of all events, in batches.
        async fn take_all(&self) {
            for begin in (0..EVENTS).step_by(200) {
                let event =
                    |id: usize| Event::builder(&id.to_string(), "/test", "run.done").build();
                let events = (begin..begin + 200).map(|id| event(id).unwrap()).collect();
                let results = self.custody.take(events).await;
                assert!(results.iter().all(Result::is_ok));
            }
        }

        fn all(&self, events: usize, lag: Lag) -> Subscription {
            let queue = Queue {
                events,
                ..Queue::lagging(lag)
            };
            self.bus.subscribe(">".parse().unwrap(), queue)
        }
    }

    fn id_of(event: &WireEvent) -> &str {
        event.attributes().id().as_str()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_sleeps_hangs_or_panics_holds_up_no_emitter() {
        let dir = tempfile::tempdir().unwrap();
        let rig = Rig::start(dir.path()).await;
        let sleeps = rig.all(ROOM, Lag::DropOldest);
        let gone = rig.all(ROOM, Lag::Disconnect);
        let hangs = rig.all(ROOM, Lag::DropOldest).handle(|_| pending());
        let (wakes, never) = mpsc::channel::<()>();
        let blocks = rig.all(ROOM, Lag::DropOldest);
        let blocks = blocks.handle_blocking(move |_| {
            let _nothing_comes = never.recv();
        });
        let blocks = blocks.unwrap();
        let panics = rig.all(EVENTS, Lag::DropOldest).handle(|_| async {
            // As a panic does, without a word on standard error.
            resume_unwind(Box::new(()))
        });
        let mut hears = rig.all(EVENTS, Lag::DropOldest);
        let taken = timeout(Duration::from_secs(60), rig.take_all());
        taken.await.unwrap();
        for id in 0..EVENTS {
            let Some(Item::Event(heard)) = hears.next().await else {
                panic!("{id} is missing");
            };
            assert_eq!(id_of(heard.event()), id.to_string());
        }
        let newest = rig.bus.history(&Filter::default(), 2).await.unwrap();
        let ids: Vec<_> = newest.events.iter().map(id_of).collect();
        assert_eq!((ids, newest.has_more), (vec!["2998", "2999"], true));
        let missed = (EVENTS - ROOM) as u64;
        assert_eq!(sleeps.received().missed, missed);
        while rig.bus.counts().panicked < EVENTS as u64 {
            sleep(Duration::from_millis(5)).await;
        }
        let counts = rig.bus.counts();
        assert_eq!(counts.disconnected, 1);
        // One call of each that hangs or blocks has its event, whenever it was made.
        assert!(
            (3 * missed - 2..=3 * missed).contains(&counts.dropped_oldest),
            "{counts:?}"
        );
        assert_eq!(counts.subscriptions, 5);
        let said = rig.metrics.render();
        for line in [
            "consign_bus_subscribers 5",
            "consign_bus_dropped_total{reason=\"disconnected\"} 1",
            "consign_bus_dropped_total{reason=\"panicked\"} 3000",
        ] {
            assert!(said.contains(line), "{line}\n{said}");
        }
        drop((sleeps, gone, hangs, blocks, panics, wakes));
    }
}
