use std::sync::atomic::{AtomicU64, Ordering};

use events_core::ErrorKind;
use serde::Serialize;
use sink_sign::Verdict;

/// What became of events, counted since the sink was made.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Counters {
    /// Events put into the spool, by the reason.
    pub spilled: Spilled,
    /// Events that neither the destination nor the spool took.
    pub spill_failures: u64,
    /// Records that the destination has by now, `duplicates` among them.
    pub redriven: u64,
    /// Redriven records that the destination had already.
    pub duplicates: u64,
    /// Events delivered before earlier ones of their subject.
    pub reordered: u64,
    /// Records that were due and could not be read. They keep their place.
    pub unreadable: u64,
    /// Records whose signature did not hold, never delivered; those not among them whose key is
    /// unknown.
    pub tampered: u64,
    /// Records whose signature was looked at before they were redriven, by the verdict.
    pub verified: Verified,
    /// Records moved to another area by redriving.
    pub relocated: u64,
    /// Records dropped by an operator.
    pub dropped: u64,
    /// Deliveries of the redriver in which the destination's sink panicked.
    pub panics: u64,
}

/// Events put into the spool, by the reason.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Spilled {
    /// The destination could not be reached.
    pub unavailable: u64,
    /// The destination had no room.
    pub saturated: u64,
    /// The operator has to change something first.
    pub config: u64,
    /// The destination refused the event for good.
    pub rejected: u64,
    /// Not tried: earlier events of the subject wait, or deliveries are on hold.
    pub behind: u64,
}

/// Signatures that were looked at, by the verdict.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Verified {
    /// They hold.
    pub verified: u64,
    /// There is none.
    pub unsigned: u64,
    /// The event is not what was signed, or the record holds none.
    pub altered: u64,
    /// The key is not known.
    pub unknown_key: u64,
    /// The key's signatures did not count at that time.
    pub expired_key: u64,
}

/// The counters while they count.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) unavailable: Count,
    pub(crate) saturated: Count,
    pub(crate) config: Count,
    pub(crate) rejected: Count,
    pub(crate) behind: Count,
    pub(crate) spill_failures: Count,
    pub(crate) redriven: Count,
    pub(crate) duplicates: Count,
    pub(crate) reordered: Count,
    pub(crate) unreadable: Count,
    pub(crate) tampered: Count,
    pub(crate) verified: Count,
    pub(crate) unsigned: Count,
    pub(crate) altered: Count,
    pub(crate) unknown_key: Count,
    pub(crate) expired_key: Count,
    pub(crate) relocated: Count,
    pub(crate) dropped: Count,
    pub(crate) panics: Count,
}

impl Tally {
    /// The counter of events spilled for an error of `kind`, or without having been tried.
    pub(crate) fn spilled(&self, kind: Option<ErrorKind>) -> &Count {
        match kind {
            None => &self.behind,
            Some(ErrorKind::Saturated) => &self.saturated,
            Some(ErrorKind::Config) => &self.config,
            Some(ErrorKind::Rejected | ErrorKind::Invalid) => &self.rejected,
            Some(ErrorKind::Unavailable) => &self.unavailable,
        }
    }

    /// The counter of signatures with this verdict; none for a record that holds no event.
    pub(crate) fn verified(&self, verdict: Option<&Verdict>) -> &Count {
        match verdict {
            Some(Verdict::Verified { .. }) => &self.verified,
            Some(Verdict::Unsigned) => &self.unsigned,
            Some(Verdict::UnknownKey) => &self.unknown_key,
            Some(Verdict::ExpiredKey { .. }) => &self.expired_key,
            None | Some(Verdict::Altered(_)) => &self.altered,
        }
    }

    pub(crate) fn read(&self) -> Counters {
        Counters {
            spilled: Spilled {
                unavailable: self.unavailable.read(),
                saturated: self.saturated.read(),
                config: self.config.read(),
                rejected: self.rejected.read(),
                behind: self.behind.read(),
            },
            spill_failures: self.spill_failures.read(),
            redriven: self.redriven.read(),
            duplicates: self.duplicates.read(),
            reordered: self.reordered.read(),
            unreadable: self.unreadable.read(),
            tampered: self.tampered.read(),
            verified: Verified {
                verified: self.verified.read(),
                unsigned: self.unsigned.read(),
                altered: self.altered.read(),
                unknown_key: self.unknown_key.read(),
                expired_key: self.expired_key.read(),
            },
            relocated: self.relocated.read(),
            dropped: self.dropped.read(),
            panics: self.panics.read(),
        }
    }
}

/// One counter.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, events: usize) {
        let events = u64::try_from(events).unwrap_or(u64::MAX);
        self.0.fetch_add(events, Ordering::Relaxed);
    }

    fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
