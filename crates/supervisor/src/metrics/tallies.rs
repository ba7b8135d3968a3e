use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;

/// Counts that somebody else keeps under names of a closed set, read when the metrics are.
pub(crate) struct Tallies {
    name: &'static str,
    help: &'static str,
    read: Box<dyn Fn() -> Vec<Tally> + Send + Sync>,
}

/// A count with its labels.
pub(crate) type Tally = (Vec<(&'static str, String)>, u64);

impl Tallies {
    /// A counter `name` with one `label`, whose values and counts `read` tells.
    pub(crate) fn new(
        name: &'static str,
        help: &'static str,
        label: &'static str,
        read: impl Fn() -> Vec<(String, u64)> + Send + Sync + 'static,
    ) -> Self {
        Self::labelled(name, help, move || {
            let counts = read().into_iter();
            let labelled = counts.map(|(value, count)| (vec![(label, value)], count));
            labelled.collect()
        })
    }

    /// A counter `name`, whose labels and counts `read` tells.
    pub(crate) fn labelled(
        name: &'static str,
        help: &'static str,
        read: impl Fn() -> Vec<Tally> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            help,
            read: Box::new(read),
        }
    }

    /// A counter `name` without a label.
    pub(crate) fn one(
        name: &'static str,
        help: &'static str,
        read: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Self {
        Self::labelled(name, help, move || vec![(Vec::new(), read())])
    }
}

impl fmt::Debug for Tallies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tallies({})", self.name)
    }
}

impl Collector for Tallies {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Self { name, help, read } = self;
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (labels, count) in read() {
            // Braces around no labels are legal, and nobody writes them.
            if labels.is_empty() {
                return ConstCounter::new(count).encode(family);
            }
            let labels: Vec<(&str, &str)> = labels
                .iter()
                .map(|(label, value)| (*label, value.as_str()))
                .collect();
            let member = family.encode_family(&labels)?;
            ConstCounter::new(count).encode(member)?;
        }
        Ok(())
    }
}
