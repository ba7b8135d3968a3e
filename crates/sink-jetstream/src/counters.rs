use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use events_core::{ErrorKind, Outcome, Place, SinkError};
use serde::Serialize;

/// Counts what happens, without a lock.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    published: AtomicU64,
    acked: AtomicU64,
    duplicates: AtomicU64,
    foreign_acks: AtomicU64,
    invalid: AtomicU64,
    rejected: AtomicU64,
    unavailable: AtomicU64,
    saturated: AtomicU64,
    config: AtomicU64,
}

/// What happened since the sink was made.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Messages handed to the client.
    pub published: u64,
    /// Events that a stream acknowledged, duplicates included.
    pub acked: u64,
    /// Events that a stream had already.
    pub duplicates: u64,
    /// Answers that came from no stream, or not from the right one.
    pub foreign_acks: u64,
    /// Events refused as they are.
    pub invalid: u64,
    /// Events the broker refuses for good.
    pub rejected: u64,
    /// Events the broker could not be reached for.
    pub unavailable: u64,
    /// Events the broker had no room for.
    pub saturated: u64,
    /// Events that wait for an operator.
    pub config: u64,
}

impl Counters {
    pub(crate) fn published(&self) {
        self.published.fetch_add(1, Relaxed);
    }

    pub(crate) fn foreign_ack(&self) {
        self.foreign_acks.fetch_add(1, Relaxed);
    }

    pub(crate) fn result(&self, result: &Result<Outcome, SinkError>) {
        let counter = match result.as_ref().map_err(SinkError::kind) {
            Ok(outcome) => {
                if let Place::Stream {
                    duplicate: true, ..
                } = outcome.receipt().place()
                {
                    self.duplicates.fetch_add(1, Relaxed);
                }
                &self.acked
            }
            Err(ErrorKind::Invalid) => &self.invalid,
            Err(ErrorKind::Rejected) => &self.rejected,
            Err(ErrorKind::Unavailable) => &self.unavailable,
            Err(ErrorKind::Saturated) => &self.saturated,
            Err(ErrorKind::Config) => &self.config,
        };
        counter.fetch_add(1, Relaxed);
    }

    pub(crate) fn now(&self) -> Counts {
        Counts {
            published: self.published.load(Relaxed),
            acked: self.acked.load(Relaxed),
            duplicates: self.duplicates.load(Relaxed),
            foreign_acks: self.foreign_acks.load(Relaxed),
            invalid: self.invalid.load(Relaxed),
            rejected: self.rejected.load(Relaxed),
            unavailable: self.unavailable.load(Relaxed),
            saturated: self.saturated.load(Relaxed),
            config: self.config.load(Relaxed),
        }
    }
}
