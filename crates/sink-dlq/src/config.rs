use std::sync::Arc;
use std::time::Duration;

use events_core::subject::Routes;
use sink_sign::{Signer, Verifier};

/// How a [`DlqSink`](crate::DlqSink) queues and redrives.
#[derive(Clone, Debug)]
pub struct Config {
    /// What leads to the subjects that events go to: the same routes as the destination's, since
    /// order is kept within a subject.
    pub routes: Arc<Routes>,
    /// How many records of one subject may wait before new events of it are delivered ahead of
    /// them, and counted as reordered.
    pub order_bound: usize,
    /// How long an event that has to be spilled waits for earlier deliveries of its subject that
    /// are still out, so that the spool has them in order. As long as the destination may take
    /// for its answer, and order is kept whatever happens.
    pub order_patience: Duration,
    /// What every record must pass before it is redriven. Without one nothing is checked.
    pub verifier: Option<Verifier>,
    /// Who learns of numbers that the stream is not to be expected to have.
    pub signer: Option<Arc<Signer>>,
    /// Whether records are redriven with nobody's help.
    pub redrive: Redrive,
    /// How many records are redriven at once.
    pub redrive_batch: usize,
    /// How often records that were set aside are tried again.
    pub config_retry: Duration,
    /// How long deliveries that are out when a [`hold`](crate::Dlq::hold) begins may still take.
    pub hold_patience: Duration,
    /// How long [`close`](crate::Dlq::close) waits for records that are being redriven.
    pub close_patience: Duration,
}

/// When records are redriven.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Redrive {
    /// In the background, as soon as the destination takes them.
    #[default]
    Auto,
    /// When an operator asks.
    Manual,
}

impl Default for Config {
    /// The built-in routes, 10,000 records in order, automatic redrive in batches of 256, another
    /// try every 30 s for what was set aside; no verifier and no signer.
    fn default() -> Self {
        Self {
            routes: Arc::default(),
            order_bound: 10_000,
            order_patience: Duration::from_secs(5),
            verifier: None,
            signer: None,
            redrive: Redrive::Auto,
            redrive_batch: 256,
            config_retry: Duration::from_secs(30),
            hold_patience: Duration::from_millis(500),
            close_patience: Duration::from_secs(5),
        }
    }
}
