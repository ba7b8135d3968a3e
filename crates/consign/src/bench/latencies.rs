use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;
use supervisor::exit::{Exit, Failure};

/// How long things took, from a microsecond to an hour, to three digits.
#[derive(Clone, Debug)]
pub(super) struct Latencies(Histogram<u64>);

/// What is said of them, in milliseconds.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Summary {
    count: u64,
    mean: f64,
    p50: f64,
    p95: f64,
    p99: f64,
    #[serde(rename = "p99.9")]
    p999: f64,
    max: f64,
    /// How many took at most so long, and longer than the bucket before says.
    buckets: Vec<Bucket>,
}

#[derive(Clone, Debug, Serialize)]
struct Bucket {
    /// `null` for what took longer than all others.
    up_to: Option<f64>,
    count: u64,
}

impl Latencies {
    pub(super) fn new() -> Result<Self, Failure> {
        let histogram = Histogram::new_with_bounds(1, HOUR, 3);
        histogram
            .map(Self)
            .map_err(|error| Failure::new(Exit::Failed, "make a histogram").because(error))
    }

    pub(super) fn record(&mut self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.0.saturating_record(micros.max(1));
    }

    /// What so many of a hundred took at most. `None` where there is nothing.
    pub(super) fn percentile(&self, percent: f64) -> Option<Duration> {
        let micros = self.0.value_at_quantile(percent / 100.0).min(self.0.max());
        (!self.0.is_empty()).then(|| Duration::from_micros(micros))
    }

    /// What there is to say of them; `None` where there is nothing.
    pub(super) fn summary(&self) -> Option<Summary> {
        let at = |percent| self.percentile(percent).map(millis);
        Some(Summary {
            count: self.0.len(),
            mean: self.0.mean() / 1000.0,
            p50: at(50.0)?,
            p95: at(95.0)?,
            p99: at(99.0)?,
            p999: at(99.9)?,
            max: at(100.0)?,
            buckets: self.buckets(),
        })
    }

    fn buckets(&self) -> Vec<Bucket> {
        let mut buckets = Vec::new();
        let mut least = 0;
        for most in BOUNDS {
            buckets.push(Bucket {
                up_to: Some(millis(Duration::from_micros(most))),
                count: self.between(least, most),
            });
            least = most + 1;
        }
        buckets.push(Bucket {
            up_to: None,
            count: self.between(least, u64::MAX),
        });
        buckets
    }

    /// Of values that share a place in the histogram, the largest one decides for all.
    fn between(&self, least: u64, most: u64) -> u64 {
        let recorded = self.0.iter_recorded();
        let within = recorded.filter(|value| (least..=most).contains(&value.value_iterated_to()));
        within.map(|value| value.count_at_value()).sum()
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

const HOUR: u64 = 3_600_000_000;
/// In microseconds.
const BOUNDS: [u64; 16] = [
    100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000,
    1_000_000, 2_000_000, 5_000_000, 10_000_000,
];
