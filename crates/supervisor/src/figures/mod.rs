//! What the chain's parts count and measure, under the names of the metrics.

mod sinks;
mod spools;

use prometheus_client::collector::Collector;
use sink_jetstream::BreakerState;
use sink_redact::Redactor;

use crate::broker::Broker;
use crate::chain::Chain;
use crate::metrics::{Readings, Tallies};

/// The figures of all parts there are.
pub(crate) fn figures(chain: &Chain) -> Vec<Box<dyn Collector>> {
    let mut figures: Vec<Box<dyn Collector>> = Vec::new();
    if let Some(redactor) = chain.redactor.clone() {
        let read = move || redactions(&redactor);
        let help = "Values removed from events";
        figures.push(Box::new(Tallies::new("redactions", help, "rule", read)));
    }
    if let Some(signer) = chain.signer.clone() {
        let read = move || {
            let status = signer.status();
            vec![(status.keyid, status.signed)]
        };
        let help = "Events signed";
        figures.push(Box::new(Tallies::new("signed", help, "keyid", read)));
    }
    if let Some(broker) = &chain.broker {
        of_broker(broker, &mut figures);
    }
    spools::figures(&chain.spools(), &mut figures);
    sinks::figures(chain, &mut figures);
    figures
}

fn redactions(redactor: &Redactor) -> Vec<(String, u64)> {
    let counts = redactor.counters();
    counts
        .iter()
        .map(|(rule, count)| (rule.to_owned(), count))
        .collect()
}

fn of_broker(broker: &Broker, figures: &mut Vec<Box<dyn Collector>>) {
    let of = |broker: &Broker| broker.clone();
    let sink = of(broker);
    let state = move || {
        let now = sink.sink.debug_state();
        let states = ["connected", "reconnecting", "config"];
        let one_hot = states.map(|state| {
            let labels = vec![("sink", "jetstream"), ("state", state)];
            (labels, f64::from(u8::from(now.as_str() == state)))
        });
        one_hot.into()
    };
    let help = "1 for the state the breaker is in";
    figures.push(Box::new(Readings::new("circuit_state", help, state)));
    let sink = of(broker);
    let next_probe = move || match sink.sink.debug_state() {
        BreakerState::Reconnecting { next_after, .. } => next_after.as_secs_f64(),
        BreakerState::Connected | BreakerState::Config { .. } => 0.0,
    };
    let help = "Seconds until the breaker lets a probe through";
    let name = "circuit_next_probe_seconds";
    figures.push(Box::new(Readings::one(name, help, next_probe)));
    let sink = of(broker);
    let connected = move || f64::from(u8::from(sink.is_connected()));
    let help = "Whether there is a connection to the broker";
    figures.push(Box::new(Readings::one("nats_connected", help, connected)));
    let sink = of(broker);
    let reconnects = move || sink.sink.status().connections.saturating_sub(1);
    let help = "Connections to the broker made anew";
    figures.push(Box::new(Tallies::one("nats_reconnects", help, reconnects)));
    let sink = of(broker);
    let transitions = move || {
        let counts = sink.sink.status().transitions;
        let named = [
            ("connected", counts.connected),
            ("reconnecting", counts.reconnecting),
            ("config", counts.config),
        ];
        let labels = |to| vec![("sink", "jetstream".to_owned()), ("to", to)];
        named
            .map(|(to, count)| (labels(to.to_owned()), count))
            .into()
    };
    let help = "Changes of the breaker's state";
    figures.push(Box::new(Tallies::labelled(
        "circuit_transitions",
        help,
        transitions,
    )));
    let sink = of(broker);
    let in_flight = move || sink.sink.status().in_flight as f64;
    let help = "Events published and not yet acknowledged";
    figures.push(Box::new(Readings::one("inflight_acks", help, in_flight)));
    let sink = of(broker);
    let published = move || {
        let counts = sink.sink.status().counters;
        let named = [
            ("acked", counts.acked),
            ("duplicate", counts.duplicates),
            ("rejected", counts.rejected),
            ("unavailable", counts.unavailable),
            ("saturated", counts.saturated),
            ("config", counts.config),
        ];
        named.map(|(name, count)| (name.to_owned(), count)).into()
    };
    let help = "Deliveries to the broker by what became of them";
    figures.push(Box::new(Tallies::new(
        "nats_deliveries",
        help,
        "outcome",
        published,
    )));
}
