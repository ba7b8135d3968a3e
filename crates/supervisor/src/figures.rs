//! What the chain's parts count and measure, under the names of the metrics.

use prometheus_client::collector::Collector;
use sink_dlq::{Area, AreaStatus, Dlq};
use sink_jetstream::BreakerState;
use sink_redact::Redactor;

use crate::broker::Broker;
use crate::compose::Chain;
use crate::metrics::{Reading, Readings, Tallies};

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
    if let Some(dlq) = &chain.dlq {
        of_spool(dlq, &mut figures);
    }
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

/// A figure of each of the spool's areas, labelled by it.
fn by_area(spool: sink_dlq::Status, figure: impl Fn(&AreaStatus) -> f64) -> Vec<Reading> {
    let areas = [
        (Area::Waiting, spool.waiting),
        (Area::SetAside, spool.set_aside),
        (Area::Dead, spool.dead),
    ];
    let reading =
        |(area, status): (Area, AreaStatus)| (vec![("area", area.as_str())], figure(&status));
    areas.map(reading).into()
}

fn of_spool(dlq: &Dlq, figures: &mut Vec<Box<dyn Collector>>) {
    let spool = dlq.clone();
    let records = move || by_area(spool.status().spool, |area| area.records as f64);
    let help = "Records in the spool";
    figures.push(Box::new(Readings::new("dlq_events", help, records)));
    let spool = dlq.clone();
    let bytes = move || spool.status().spool.bytes as f64;
    let help = "Bytes of the spool on disk";
    figures.push(Box::new(Readings::one("dlq_bytes", help, bytes)));
    let spool = dlq.clone();
    let seconds = |area: &AreaStatus| area.oldest_age.map_or(0.0, |age| age.as_secs_f64());
    let ages = move || by_area(spool.status().spool, seconds);
    let help = "Seconds since the first failure of an area's oldest record";
    figures.push(Box::new(Readings::new(
        "dlq_oldest_age_seconds",
        help,
        ages,
    )));
    let spool = dlq.clone();
    let written = move || {
        let spilled = spool.counters().spilled;
        let reasons = [
            ("unavailable", spilled.unavailable),
            ("saturated", spilled.saturated),
            ("config", spilled.config),
            ("rejected", spilled.rejected),
            ("behind", spilled.behind),
        ];
        reasons
            .map(|(reason, count)| (reason.to_owned(), count))
            .into()
    };
    let help = "Events put into the spool";
    figures.push(Box::new(Tallies::new(
        "dlq_written",
        help,
        "reason",
        written,
    )));
    let spool = dlq.clone();
    let redriven = move || {
        let counts = spool.counters();
        let outcomes = [
            ("stored", counts.redriven.saturating_sub(counts.duplicates)),
            ("duplicate", counts.duplicates),
            ("relocated", counts.relocated),
            ("tampered", counts.tampered),
            ("dropped", counts.dropped),
        ];
        outcomes
            .map(|(outcome, count)| (outcome.to_owned(), count))
            .into()
    };
    let help = "Records that left an area of the spool";
    figures.push(Box::new(Tallies::new(
        "dlq_redriven",
        help,
        "outcome",
        redriven,
    )));
}
