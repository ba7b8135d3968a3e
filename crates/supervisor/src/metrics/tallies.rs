use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;

/// Counts that somebody else keeps under names of a closed set, read when the metrics are.
pub(crate) struct Tallies {
    name: &'static str,
    help: &'static str,
    label: &'static str,
    read: Box<dyn Fn() -> Vec<(String, u64)> + Send + Sync>,
}

impl Tallies {
    /// A counter `name` with one `label`, whose values and counts `read` tells.
    pub(crate) fn new(
        name: &'static str,
        help: &'static str,
        label: &'static str,
        read: impl Fn() -> Vec<(String, u64)> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            help,
            label,
            read: Box::new(read),
        }
    }
}

impl fmt::Debug for Tallies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tallies({})", self.name)
    }
}

impl Collector for Tallies {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Self {
            name,
            help,
            label,
            read,
        } = self;
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (value, count) in read() {
            let labels = [(*label, value.as_str())];
            let member = family.encode_family(&labels)?;
            ConstCounter::new(count).encode(member)?;
        }
        Ok(())
    }
}
