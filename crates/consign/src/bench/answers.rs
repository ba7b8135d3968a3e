use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use supervisor::exit::Failure;

use super::dues::Dues;
use super::latencies::Latencies;
use super::post::Fate;

/// What the supervisor answered.
#[derive(Debug)]
pub(super) struct Answers {
    dues: Arc<Dues>,
    accepted: Vec<bool>,
    pub(super) delivered: u64,
    pub(super) spilled: u64,
    pub(super) refused: u64,
    pub(super) unanswered: u64,
    /// Why events were refused, and how many.
    pub(super) reasons: BTreeMap<String, u64>,
    /// From when an event was due to the answer that has custody of it.
    pub(super) latencies: Latencies,
    /// How much later than it was due the latest request was sent.
    pub(super) behind: Duration,
    pub(super) last: Option<Instant>,
    /// Whether the operator broke the run off.
    pub(super) interrupted: bool,
}

impl Answers {
    pub(super) fn new(dues: Arc<Dues>) -> Result<Self, Failure> {
        Ok(Self {
            accepted: vec![false; dues.len()],
            dues,
            delivered: 0,
            spilled: 0,
            refused: 0,
            unanswered: 0,
            reasons: BTreeMap::new(),
            latencies: Latencies::new()?,
            behind: Duration::ZERO,
            last: None,
            interrupted: false,
        })
    }

    /// Takes note of an answer, which came at `at`.
    pub(super) fn note(&mut self, events: Range<u64>, fates: Vec<Fate>, at: Instant) {
        self.last = self.last.max(Some(at));
        for (event, fate) in events.zip(fates) {
            match fate {
                Fate::Delivered => self.delivered += 1,
                Fate::Spilled => self.spilled += 1,
                Fate::Refused(reason) => {
                    self.refused += 1;
                    *self.reasons.entry(reason.to_string()).or_default() += 1;
                    continue;
                }
                Fate::Unanswered => {
                    self.unanswered += 1;
                    continue;
                }
            }
            let event = usize::try_from(event).unwrap_or(usize::MAX);
            if let Some(accepted) = self.accepted.get_mut(event) {
                *accepted = true;
            }
            if let Some(latency) = self.dues.latency(event, at) {
                self.latencies.record(latency);
            }
        }
    }

    /// Events that the supervisor took custody of.
    pub(super) fn accepted(&self) -> u64 {
        self.delivered + self.spilled
    }

    pub(super) fn sent(&self) -> u64 {
        self.accepted() + self.refused + self.unanswered
    }

    /// Whether the supervisor took custody of each event, by their numbers.
    pub(super) fn custody(&self) -> impl Iterator<Item = (usize, bool)> {
        self.accepted.iter().copied().enumerate()
    }
}
