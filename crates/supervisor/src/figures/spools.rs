use prometheus_client::collector::Collector;
use sink_dlq::{Area, AreaStatus, Counters, Status};

use crate::metrics::{Reading, Readings, Tallies, Tally};
use crate::spool::Waiting;

/// The figures of all spools. Where there are several, each says for which sink it is.
pub(super) fn figures(spools: &[Waiting], figures: &mut Vec<Box<dyn Collector>>) {
    if spools.is_empty() {
        return;
    }
    let mut gauge = |name, help, read: fn(&Status) -> Vec<Reading>| {
        let spools = spools.to_vec();
        let read = move || {
            each(&spools, |spool| {
                let mut readings = read(&spool.dlq.status().spool);
                for (labels, _) in readings.iter_mut().filter(|_| spools.len() > 1) {
                    labels.insert(0, ("sink", spool.sink));
                }
                readings
            })
        };
        figures.push(Box::new(Readings::new(name, help, read)));
    };
    gauge("dlq_events", "Records in the spool", |spool| {
        by_area(spool, |area| area.records as f64)
    });
    gauge("dlq_bytes", "Bytes of the spool on disk", |spool| {
        vec![(Vec::new(), spool.bytes as f64)]
    });
    let help = "Seconds since the first failure of an area's oldest record";
    gauge("dlq_oldest_age_seconds", help, |spool| {
        by_area(spool, |area| {
            area.oldest_age.map_or(0.0, |age| age.as_secs_f64())
        })
    });
    let mut counter = |name, help, label, read: fn(&Counters) -> Vec<(&'static str, u64)>| {
        let spools = spools.to_vec();
        let read = move || {
            each(&spools, |spool| {
                let counts = read(&spool.dlq.counters()).into_iter();
                let labelled = counts.map(|(value, count)| {
                    let sink = (spools.len() > 1).then(|| ("sink", spool.sink.to_owned()));
                    let own = (label, value.to_owned());
                    (sink.into_iter().chain([own]).collect(), count)
                });
                labelled.collect::<Vec<Tally>>()
            })
        };
        figures.push(Box::new(Tallies::labelled(name, help, read)));
    };
    let help = "Events put into the spool";
    counter("dlq_written", help, "reason", |counts| {
        let spilled = counts.spilled;
        vec![
            ("unavailable", spilled.unavailable),
            ("saturated", spilled.saturated),
            ("config", spilled.config),
            ("rejected", spilled.rejected),
            ("behind", spilled.behind),
        ]
    });
    let help = "Signatures looked at before a redrive";
    counter("verify", help, "result", |counts| {
        let verified = counts.verified;
        vec![
            ("verified", verified.verified),
            ("unsigned", verified.unsigned),
            ("altered", verified.altered),
            ("unknown-key", verified.unknown_key),
            ("expired-key", verified.expired_key),
        ]
    });
    let help = "Records that left an area of the spool";
    counter("dlq_redriven", help, "outcome", |counts| {
        vec![
            ("stored", counts.redriven.saturating_sub(counts.duplicates)),
            ("duplicate", counts.duplicates),
            ("relocated", counts.relocated),
            ("tampered", counts.tampered),
            ("dropped", counts.dropped),
        ]
    });
}

fn each<T>(spools: &[Waiting], read: impl Fn(&Waiting) -> Vec<T>) -> Vec<T> {
    spools.iter().flat_map(read).collect()
}

/// A figure of each of the spool's areas, labelled by it.
fn by_area(spool: &Status, figure: impl Fn(&AreaStatus) -> f64) -> Vec<Reading> {
    let areas = [
        (Area::Waiting, &spool.waiting),
        (Area::SetAside, &spool.set_aside),
        (Area::Dead, &spool.dead),
    ];
    let reading =
        |(area, status): (Area, &AreaStatus)| (vec![("area", area.as_str())], figure(status));
    areas.map(reading).into()
}
