use events_runtime::Fanout;
use prometheus_client::collector::Collector;
use sink_k8s::{Dropped, K8sSink};

use crate::chain::{Chain, Lane};
use crate::metrics::{Readings, Tallies, Tally};

/// What became of events at each of several sinks.
pub(super) fn figures(chain: &Chain, figures: &mut Vec<Box<dyn Collector>>) {
    if let Some(fanout) = &chain.fanout {
        of_fanout(fanout, &chain.lanes, figures);
    }
    if let Some(kubernetes) = &chain.kubernetes {
        of_kubernetes(kubernetes, figures);
    }
}

fn of_fanout(fanout: &Fanout, lanes: &[Lane], figures: &mut Vec<Box<dyn Collector>>) {
    let asked = fanout.clone();
    let events = move || {
        let each = asked.status().into_iter().flat_map(|child| {
            let outcomes = [
                ("delivered", child.delivered),
                ("spilled", child.spilled),
                ("failed", child.failed),
                ("kept", child.kept),
            ];
            outcomes.map(|(outcome, count)| {
                let labels = vec![
                    ("sink", child.name.clone()),
                    ("outcome", outcome.to_owned()),
                ];
                (labels, count)
            })
        });
        each.collect::<Vec<Tally>>()
    };
    let help = "Events by what became of them at each sink of a fan-out";
    figures.push(Box::new(Tallies::labelled("fanout_events", help, events)));
    let names: Vec<&str> = lanes.iter().map(|lane| lane.branch.end.name()).collect();
    let asked = fanout.clone();
    let lagging = move || {
        let children = asked.status();
        let each = names.iter().zip(children);
        each.map(|(name, child)| (vec![("sink", *name)], child.lagging as f64))
            .collect()
    };
    let help = "Events on their way to a sink that nobody waits for any more";
    let name = "fanout_lagging_events";
    figures.push(Box::new(Readings::new(name, help, lagging)));
}

fn of_kubernetes(kubernetes: &K8sSink, figures: &mut Vec<Box<dyn Collector>>) {
    let asked = kubernetes.clone();
    let told = move || {
        let counts = asked.counts();
        let outcomes = [("created", counts.created), ("repeated", counts.repeated)];
        outcomes
            .map(|(outcome, count)| (outcome.to_owned(), count))
            .into()
    };
    let help = "Events that Kubernetes is told of, as Events of their own or in a series";
    figures.push(Box::new(Tallies::new("k8s_events", help, "outcome", told)));
    let asked = kubernetes.clone();
    let dropped = move || {
        let counts = asked.counts();
        let reasons = Dropped::ALL.map(|why| (why.as_str().to_owned(), counts.dropped_for(why)));
        reasons.into()
    };
    let help = "Events that Kubernetes is never told of";
    figures.push(Box::new(Tallies::new(
        "k8s_dropped",
        help,
        "reason",
        dropped,
    )));
}
