use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;

/// Figures that go up and down and that somebody else keeps, read when the metrics are.
pub(crate) struct Readings {
    name: &'static str,
    help: &'static str,
    read: Box<dyn Fn() -> Vec<Reading> + Send + Sync>,
}

/// A figure with its labels, whose names and values come from closed sets.
pub(crate) type Reading = (Vec<(&'static str, &'static str)>, f64);

impl Readings {
    /// A gauge `name`, whose figures `read` tells.
    pub(crate) fn new(
        name: &'static str,
        help: &'static str,
        read: impl Fn() -> Vec<Reading> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            help,
            read: Box::new(read),
        }
    }

    /// A gauge with one figure and no label.
    pub(crate) fn one(
        name: &'static str,
        help: &'static str,
        read: impl Fn() -> f64 + Send + Sync + 'static,
    ) -> Self {
        Self::new(name, help, move || vec![(Vec::new(), read())])
    }
}

impl fmt::Debug for Readings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Readings({})", self.name)
    }
}

impl Collector for Readings {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Self { name, help, read } = self;
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
        let readings = read();
        // Braces around no labels are legal, and nobody writes them.
        if let [(labels, figure)] = readings.as_slice()
            && labels.is_empty()
        {
            return ConstGauge::new(*figure).encode(family);
        }
        for (labels, figure) in readings {
            let member = family.encode_family(&labels)?;
            ConstGauge::new(figure).encode(member)?;
        }
        Ok(())
    }
}
