use std::iter;
use std::sync::Arc;
use std::time::Duration;

use events_core::{ErrorKind, Outcome, Place, SinkError, WireEvent, chained};
use sink_sign::{Verdict, Verifier};
use tokio::task;
use tokio::time::timeout;

use super::call::Call;
use crate::core::Core;
use crate::{Area, Record};

/// What became of a record that was redriven.
#[derive(Debug)]
pub(crate) enum Fate {
    /// The destination has it; `duplicate` if it had it before.
    Stored { duplicate: bool },
    /// Its signature does not hold, and it was not delivered. `Config` where an operator may make
    /// it hold.
    Unsound { kind: ErrorKind, reason: String },
    /// The destination did not take it.
    Failed { kind: ErrorKind, reason: String },
    /// The sink panicked over the batch that it was in.
    Panicked,
}

impl Core {
    /// Hands the records to the destination in one call, in order, those left out whose signature
    /// does not hold. One fate for each.
    pub(crate) async fn attempt(&self, records: &[Record]) -> Vec<Fate> {
        let verdicts = self.verify(records).await;
        let sound: Vec<WireEvent> = iter::zip(records, &verdicts)
            .filter(|(_, unsound)| unsound.is_none())
            .map(|(record, _)| record.event.clone())
            .collect();
        let mut fates = self.hand_over(sound).await.into_iter();
        let lost = || failed(ErrorKind::Unavailable, "the sink did not answer");
        verdicts
            .into_iter()
            .map(|unsound| unsound.unwrap_or_else(|| fates.next().unwrap_or_else(lost)))
            .collect()
    }

    /// What is wrong with each record's signature, if anything.
    async fn verify(&self, records: &[Record]) -> Vec<Option<Fate>> {
        let Some(verifier) = self.verifier() else {
            return records.iter().map(|_| None).collect();
        };
        let mut verdicts = Vec::with_capacity(records.len());
        for (index, record) in records.iter().enumerate() {
            let verdict = verdict(&verifier, &record.event);
            self.tally.verified(verdict.as_ref()).add(1);
            verdicts.push(unsound(verdict));
            if index % VERIFIED_AT_ONCE == VERIFIED_AT_ONCE - 1 {
                task::yield_now().await;
            }
        }
        verdicts
    }

    /// Whether the record is what was signed, as far as anybody is asked.
    pub(crate) fn is_sound(&self, record: &Record) -> bool {
        let is_sound = |verifier: Arc<Verifier>| {
            let verdict = verdict(&verifier, &record.event);
            matches!(verdict, Some(Verdict::Verified { .. }))
        };
        self.verifier().is_none_or(is_sound)
    }

    /// One call of the inner sink, in a task of its own, so that a panic ends there.
    async fn hand_over(&self, events: Vec<WireEvent>) -> Vec<Fate> {
        if events.is_empty() {
            return Vec::new();
        }
        let count = events.len();
        let inner = Arc::clone(&self.inner);
        let call = Call::start(async move { inner.deliver(&events).await });
        match timeout(LONGEST_CALL, call).await {
            Ok(Ok(answers)) => answers.into_iter().map(Fate::of).collect(),
            Ok(Err(error)) if error.is_panic() => {
                self.tally.panics.add(1);
                tracing::error!(records = count, "the sink panicked while redriving");
                iter::repeat_with(|| Fate::Panicked).take(count).collect()
            }
            Ok(Err(_)) | Err(_) => {
                let late = || failed(ErrorKind::Unavailable, "the sink did not answer in time");
                iter::repeat_with(late).take(count).collect()
            }
        }
    }
}

impl Fate {
    fn of(answer: Result<Outcome, SinkError>) -> Self {
        match answer {
            Ok(outcome) => match outcome.receipt().place() {
                // The only copy would be gone.
                Place::Noop => failed(ErrorKind::Config, "the chain forgets events"),
                Place::Stream {
                    duplicate: true, ..
                } => Self::Stored { duplicate: true },
                _ => Self::Stored { duplicate: false },
            },
            Err(error) => failed(error.kind(), &chained(&error)),
        }
    }

    /// The kind and reason of a record that is not stored.
    pub(crate) fn failure(&self) -> Option<(ErrorKind, &str)> {
        match self {
            Self::Stored { .. } => None,
            Self::Unsound { kind, reason } | Self::Failed { kind, reason } => Some((*kind, reason)),
            Self::Panicked => Some((ErrorKind::Unavailable, "the sink panicked")),
        }
    }

    /// Where the record belongs now that it stood in `area`; `None` once it is stored.
    pub(crate) fn area(&self, area: Area) -> Option<Area> {
        let (kind, _) = self.failure()?;
        Some(match (area, kind) {
            (Area::Dead, _) | (_, ErrorKind::Rejected | ErrorKind::Invalid) => Area::Dead,
            (Area::SetAside, _) | (_, ErrorKind::Config) => Area::SetAside,
            (Area::Waiting, ErrorKind::Unavailable | ErrorKind::Saturated) => Area::Waiting,
        })
    }

    /// Whether the destination said anything about the record.
    pub(crate) fn is_answer(&self) -> bool {
        match self {
            Self::Stored { .. } => true,
            Self::Unsound { .. } | Self::Panicked => false,
            Self::Failed { kind, .. } => *kind != ErrorKind::Unavailable,
        }
    }

    /// Whether its signature does not hold. It is not tried again before the verifier is another.
    pub(crate) fn is_unsound(&self) -> bool {
        matches!(self, Self::Unsound { .. })
    }
}

fn failed(kind: ErrorKind, reason: &str) -> Fate {
    Fate::Failed {
        kind,
        reason: reason.to_owned(),
    }
}

/// What is to be said of the record's signature; `None` where it holds no event.
fn verdict(verifier: &Verifier, event: &WireEvent) -> Option<Verdict> {
    let whole = event.to_event().ok()?;
    Some(verifier.check(&whole))
}

/// Why a record is not delivered, if it is not.
fn unsound(verdict: Option<Verdict>) -> Option<Fate> {
    let Some(verdict) = verdict else {
        return Some(Fate::Unsound {
            kind: ErrorKind::Rejected,
            reason: "the record holds no event".to_owned(),
        });
    };
    let kind = match verdict {
        Verdict::Verified { .. } => return None,
        // An operator can add the key.
        Verdict::UnknownKey => ErrorKind::Config,
        _ => ErrorKind::Rejected,
    };
    let reason = format!("the signature does not hold: {verdict}");
    Some(Fate::Unsound { kind, reason })
}

/// A signature takes some 30 µs: a task may hold its thread for about a millisecond.
const VERIFIED_AT_ONCE: usize = 32;

/// Sinks have deadlines of their own; this one is for those that do not keep them.
const LONGEST_CALL: Duration = Duration::from_secs(60);
