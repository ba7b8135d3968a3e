use std::collections::HashMap;
use std::iter;

use events_core::ErrorKind;
use tokio::time::Instant;

use super::agenda::Key;
use super::attempt::Fate;
use super::backoff;
use super::progress::{LastError, RedriverState};
use super::round::Redriver;
use super::unnoted::{Move, Then};
use crate::core::Core;
use crate::spill::now;
use crate::{Area, Cause, Record};

impl Redriver {
    /// Notes what became of a batch, and lets its lanes go on or wait.
    pub(super) async fn judge(&mut self, core: &Core, records: &[Record], fates: &[Fate]) {
        self.judge_lanes(core, records, fates);
        self.judge_destination(core, fates);
        self.note(core, records, fates).await;
    }

    /// Opens the lanes that went through and closes those that did not.
    fn judge_lanes(&mut self, core: &Core, records: &[Record], fates: &[Fate]) {
        let is_silent = !fates.iter().any(Fate::is_answer);
        let mut failed: HashMap<Key, Option<ErrorKind>> = HashMap::new();
        let mut reordered = 0;
        for (record, fate) in iter::zip(records, fates) {
            let key: Key = (record.area, record.subject.as_str().into());
            let stays = fate.area(record.area) == Some(record.area) && !fate.is_unsound();
            let first = failed.entry(key).or_default();
            match fate.failure() {
                Some((kind, _)) if stays && first.is_none() => *first = Some(kind),
                None if first.is_some() => reordered += 1,
                _ => {}
            }
        }
        core.tally.reordered.add(reordered);
        let now = Instant::now();
        for (key, failure) in failed {
            match failure {
                None => self.agenda.opened(&key),
                // The destination is away, which is no fault of the lane's.
                Some(ErrorKind::Unavailable) if is_silent && !panicked(fates) => {}
                Some(ErrorKind::Config) => {
                    self.agenda.closed(&key, |_| now + core.config.config_retry);
                }
                Some(kind) => {
                    let wait = |failures| now + backoff::of_lane(failures);
                    self.agenda.closed(&key, wait);
                    if kind == ErrorKind::Saturated {
                        self.agenda.narrow(&key);
                    }
                }
            }
        }
    }

    /// Tells a destination that is away from one that answers.
    fn judge_destination(&mut self, core: &Core, fates: &[Fate]) {
        let is_asked = |fate: &Fate| !fate.is_unsound();
        let mut progress = core.progress();
        if let Some((kind, reason)) = fates.iter().rev().find_map(Fate::failure) {
            progress.last_error = Some(LastError {
                kind,
                reason: reason.to_owned(),
                at: now(),
            });
        }
        if fates.iter().any(Fate::is_answer) {
            self.silent = 0;
            self.not_before = None;
            progress.state = RedriverState::Draining;
            if fates.iter().all(|fate| fate.failure().is_none()) {
                progress.last_error = None;
            }
        } else if fates.iter().any(is_asked) {
            self.silent = self.silent.saturating_add(1);
            self.not_before = Some(Instant::now() + backoff::of_destination(self.silent));
            progress.state = RedriverState::WaitingForDestination;
        }
    }

    /// Has the spool note what is settled, what moved and what was tried.
    async fn note(&mut self, core: &Core, records: &[Record], fates: &[Fate]) {
        let mut settled = Vec::new();
        let mut moved = Vec::new();
        for (record, fate) in iter::zip(records, fates) {
            let key: Key = (record.area, record.subject.as_str().into());
            core.count(record, fate);
            let Some((kind, reason)) = fate.failure() else {
                self.agenda.done(record.id, &key);
                settled.push(record.id);
                continue;
            };
            let area = fate.area(record.area).unwrap_or(record.area);
            if area == record.area {
                core.spool.note_attempt(&[record.id], kind, reason, now());
                if fate.is_unsound() {
                    self.agenda.done(record.id, &key);
                }
                continue;
            }
            if !fate.is_unsound() {
                core.declare(area, record.event.attributes());
            }
            self.agenda.done(record.id, &key);
            moved.push(Move {
                id: record.id,
                subject: key.1,
                from: record.area,
                to: area,
                cause: again(&record.cause, kind, reason),
                then: match area {
                    Area::SetAside if !fate.is_unsound() => Then::Redrive,
                    Area::Waiting | Area::SetAside | Area::Dead => Then::Rest,
                },
            });
        }
        self.settle(core, settled).await;
        self.relocate(core, moved).await;
    }
}

impl Core {
    fn count(&self, record: &Record, fate: &Fate) {
        let message_id = record.event.message_id();
        match fate {
            Fate::Stored { duplicate } => {
                self.tally.redriven.add(1);
                self.tally.duplicates.add(usize::from(*duplicate));
            }
            Fate::Unsound { kind, reason } => {
                if *kind == ErrorKind::Rejected {
                    self.tally.tampered.add(1);
                }
                tracing::error!(id = %record.id, %message_id, reason, "a record is not redriven");
            }
            Fate::Failed { kind, reason } => {
                tracing::debug!(id = %record.id, %message_id, %kind, reason, "not redriven");
            }
            Fate::Panicked => {}
        }
    }
}

fn panicked(fates: &[Fate]) -> bool {
    fates.iter().any(|fate| matches!(fate, Fate::Panicked))
}

fn again(before: &Cause, kind: ErrorKind, reason: &str) -> Cause {
    let latest = Cause::new(kind, reason, now());
    Cause {
        attempts: before.attempts.saturating_add(1),
        first_failed: before.first_failed,
        ..latest
    }
}
