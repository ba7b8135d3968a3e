use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::answers::Answers;
use super::arguments::Arguments;
use super::latencies::{Latencies, Summary};
use super::leg::Leg;
use super::percent::Percent;
use super::run_id::RunId;
use super::schedule::Schedule;

/// Everything there is to say of a run.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    kind: &'static str,
    pub(super) run_id: String,
    /// Whether it was broken off, so that this is what was measured until then.
    pub(super) interrupted: bool,
    /// Events a second that were asked for; `null` flat out.
    rate: Option<u64>,
    batch: u64,
    window: u16,
    size: u64,
    pub(super) sent: u64,
    pub(super) delivered: u64,
    pub(super) spilled: u64,
    pub(super) refused: u64,
    pub(super) unanswered: u64,
    /// Why events were refused, and how many.
    pub(super) refusals: BTreeMap<String, u64>,
    /// From the first event's due time to the last answer.
    pub(super) seconds: f64,
    /// How much later than it was due a request was sent, at most.
    pub(super) behind_ms: f64,
    pub(super) answers: Line,
    pub(super) legs: Vec<Line>,
    /// The demands that were missed.
    pub(super) missed: Vec<String>,
}

/// One place where the run was measured.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub(super) leg: &'static str,
    pub(super) received: u64,
    /// Of all events sent.
    pub(super) delivery_percent: f64,
    #[serde(flatten)]
    pub(super) arrivals: Option<Faults>,
    pub(super) per_second: f64,
    pub(super) latency_ms: Option<Summary>,
    #[serde(skip)]
    pub(super) delivery: Percent,
    #[serde(skip)]
    pub(super) latencies: Latencies,
}

/// What is wrong with what came.
#[derive(Debug, Serialize)]
pub(super) struct Faults {
    /// Events that the supervisor took and that did not come.
    pub(super) missing: u64,
    /// Events that came though the supervisor did not say that it took them.
    pub(super) unannounced: u64,
    pub(super) duplicates: u64,
    pub(super) out_of_order: u64,
    /// How often the leg itself said that events are missing.
    pub(super) lagged: u64,
    /// Whether the leg broke off.
    pub(super) ended: bool,
}

impl Report {
    pub(super) fn new(
        arguments: &Arguments,
        run: &RunId,
        begin: Instant,
        answers: Answers,
        legs: &[Leg],
    ) -> Self {
        let Schedule { batch, rate, .. } = arguments.schedule();
        let took = since(begin, answers.last);
        let legs: Vec<Line> = legs
            .iter()
            .map(|leg| Line::of_leg(leg, &answers, begin))
            .collect();
        let mut report = Self {
            kind: "Bench",
            run_id: run.to_string(),
            interrupted: answers.interrupted,
            rate: rate.map(NonZeroU64::get),
            batch,
            window: arguments.window,
            size: arguments.size.count(),
            sent: answers.sent(),
            delivered: answers.delivered,
            spilled: answers.spilled,
            refused: answers.refused,
            unanswered: answers.unanswered,
            seconds: took.as_secs_f64(),
            behind_ms: answers.behind.as_secs_f64() * 1000.0,
            answers: Line::of_answers(&answers, took),
            refusals: answers.reasons,
            legs,
            missed: Vec::new(),
        };
        report.missed = report.judge(arguments.min_delivery, arguments.max_p99);
        report
    }

    /// Demands are made of every leg; of the answers where there is none.
    fn judge(&self, least: Option<Percent>, slowest: Option<Duration>) -> Vec<String> {
        let lines = match self.legs.as_slice() {
            [] => std::slice::from_ref(&self.answers),
            legs => legs,
        };
        let mut missed = Vec::new();
        for line in lines {
            let (leg, delivery) = (line.leg, line.delivery);
            if let Some(least) = least.filter(|least| delivery < *least) {
                missed.push(format!("{leg}: delivery {delivery} is below {least}"));
            }
            let p99 = line.latencies.percentile(99.0);
            match (slowest, p99) {
                (Some(slowest), Some(p99)) if p99 > slowest => {
                    missed.push(format!("{leg}: p99 {p99:.1?} is above {slowest:?}"));
                }
                (Some(_), None) => missed.push(format!("{leg}: nothing came that has a p99")),
                _ => {}
            }
        }
        missed
    }
}

impl Line {
    fn of_answers(answers: &Answers, took: Duration) -> Self {
        let received = answers.accepted();
        let delivery = Percent::of(received, answers.sent());
        Self {
            leg: "answers",
            received,
            delivery_percent: delivery.as_f64(),
            delivery,
            arrivals: None,
            per_second: rate(received, took),
            latency_ms: answers.latencies.summary(),
            latencies: answers.latencies.clone(),
        }
    }

    fn of_leg(leg: &Leg, answers: &Answers, begin: Instant) -> Self {
        let ended = leg.has_ended();
        let arrivals = leg.arrivals();
        let delivery = Percent::of(arrivals.received, answers.sent());
        let count = |wanted: (bool, bool)| {
            let fates = answers.custody();
            let fates = fates.map(|(event, taken)| (taken, arrivals.has(event)));
            fates.filter(|fate| *fate == wanted).count() as u64
        };
        Self {
            leg: leg.name,
            received: arrivals.received,
            delivery_percent: delivery.as_f64(),
            delivery,
            arrivals: Some(Faults {
                missing: count((true, false)),
                unannounced: count((false, true)),
                duplicates: arrivals.duplicates,
                out_of_order: arrivals.out_of_order,
                lagged: arrivals.lagged,
                ended,
            }),
            per_second: rate(arrivals.received, since(begin, arrivals.last)),
            latency_ms: arrivals.latencies.summary(),
            latencies: arrivals.latencies.clone(),
        }
    }
}

fn since(begin: Instant, last: Option<Instant>) -> Duration {
    last.map_or(Duration::ZERO, |last| last.saturating_duration_since(begin))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a rate for people and thresholds"
)]
fn rate(events: u64, took: Duration) -> f64 {
    if took.is_zero() {
        return 0.0;
    }
    events as f64 / took.as_secs_f64()
}
