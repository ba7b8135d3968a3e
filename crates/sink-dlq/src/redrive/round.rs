use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::time::Duration;

use events_core::{ErrorKind, chained};
use tokio::time::Instant;

use super::agenda::{Agenda, Key, State};
use super::ahead::Ahead;
use super::progress::LastError;
use super::unnoted::Unnoted;
use crate::core::Core;
use crate::spill::now;
use crate::{Area, Record, RecordId, SpoolError};

/// Redrives, one batch after another. Holds in memory the ids of records that are due, and some of
/// the records themselves.
#[derive(Debug, Default)]
pub(crate) struct Redriver {
    pub(super) agenda: Agenda,
    /// The last record of each area that the agenda was told of.
    known: HashMap<Area, RecordId>,
    /// Whether the areas were looked through to their ends once.
    looked_through: bool,
    ahead: Ahead,
    /// Records that were there and could not be read when they were due.
    unreadable: HashSet<RecordId>,
    /// Batches in a row that the destination did not answer.
    pub(super) silent: u32,
    /// When the destination is asked again.
    pub(super) not_before: Option<Instant>,
    /// What the spool has yet to note.
    pub(super) unnoted: Unnoted,
}

/// When to go on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Next {
    /// There may be more to do now.
    Now,
    /// At that time, or when something is spilled.
    At(Instant),
    /// When something is spilled.
    WhenWoken,
    /// Never: the spool is closed.
    Never,
}

impl Redriver {
    /// Redrives one batch of what is due.
    pub(crate) async fn step(&mut self, core: &Core) -> Next {
        let now = Instant::now();
        if let Some(at) = self.not_before.filter(|at| *at > now) {
            return Next::At(at);
        }
        self.catch_up(core).await;
        self.reconsider(core);
        let more = self.look(core);
        // While the destination is away one record is enough to learn of its return.
        let limit = if self.silent > 0 {
            1
        } else {
            core.config.redrive_batch.max(1)
        };
        let due = self.agenda.take(now, limit);
        if due.is_empty() {
            core.rests();
            let times = [self.agenda.next_probe(), self.unnoted.again()];
            return match times.into_iter().flatten().min() {
                _ if more => Next::Now,
                Some(at) => Next::At(at),
                None => Next::WhenWoken,
            };
        }
        let records = match self.read(core, &due).await {
            Ok(records) => records,
            Err(error) => return speechless(&error),
        };
        if records.is_empty() {
            return Next::Now;
        }
        let fates = core.attempt(&records).await;
        self.judge(core, &records, &fates).await;
        self.not_before.map_or(Next::Now, Next::At)
    }

    /// Where the verifier is another, takes what was set aside onto the agenda once more. Not before
    /// the spool knows what became of all that was tried, or some would be tried twice.
    fn reconsider(&mut self, core: &Core) {
        if self.unnoted.again().is_none() && core.is_verifier_new.swap(false, Ordering::AcqRel) {
            self.known.remove(&Area::SetAside);
            // As at the start: they do not wait their time.
            self.looked_through = false;
        }
    }

    /// Looks on in the areas whose records are redriven. Whether there was anything new.
    pub(super) fn look(&mut self, core: &Core) -> bool {
        let areas = [Area::Waiting, Area::SetAside];
        // Both, in any case.
        let more = areas.map(|area| self.look_in(core, area)).contains(&true);
        self.looked_through |= !more;
        more
    }

    /// Goes by what the spool knows, so that a record that cannot be read keeps its place.
    fn look_in(&mut self, core: &Core, area: Area) -> bool {
        let after = self.known.get(&area).copied();
        let found = core.spool.behind(area, after, LOOKED_AT_ONCE);
        let Some((last, _)) = found.last() else {
            return false;
        };
        self.known.insert(area, *last);
        let state = self.state_of_new(core, area);
        for (id, subject) in found {
            self.agenda.learn(id, &(area, subject), state);
        }
        true
    }

    /// How a lane begins. What is set aside waits its time, but for what an earlier run left: the
    /// operator may have made the change.
    pub(super) fn state_of_new(&self, core: &Core, area: Area) -> State {
        let now = Instant::now();
        match area {
            Area::SetAside if self.looked_through => State::Closed {
                until: now + core.config.config_retry,
            },
            Area::SetAside => State::Closed { until: now },
            Area::Waiting | Area::Dead => State::Open,
        }
    }

    /// The records, those left out that are not there any more. One that cannot be read closes its
    /// lane for a while, since later ones of its subject have to wait for it.
    async fn read(
        &mut self,
        core: &Core,
        due: &[(RecordId, Key)],
    ) -> Result<Vec<Record>, SpoolError> {
        let mut records: Vec<Record> = Vec::with_capacity(due.len());
        let mut barred: HashSet<&Key> = HashSet::new();
        let mut due = due;
        while let [(id, key), rest @ ..] = due {
            if barred.contains(key) {
                due = rest;
                continue;
            }
            match self.ahead.take(core, due).await {
                Ok(Some(record)) => {
                    self.unreadable.remove(id);
                    if self.comes_too_early(key, &record, &records) {
                        self.ahead.put_back(record);
                    } else {
                        records.push(record);
                    }
                    if self.agenda.is_narrow(key) {
                        barred.insert(key);
                    }
                }
                Ok(None) => self.forget(*id, key),
                Err(error @ SpoolError::Io { .. }) => {
                    self.cannot_read(core, *id, key, &error);
                    barred.insert(key);
                }
                Err(error) if records.is_empty() => return Err(error),
                Err(_) => break,
            }
            due = rest;
        }
        Ok(records)
    }

    /// Whether the record has to wait for one of its lane among `others`. Those that found no room
    /// make their lane narrow.
    pub(super) fn comes_too_early(
        &mut self,
        key: &Key,
        record: &Record,
        others: &[Record],
    ) -> bool {
        if record.cause.kind == ErrorKind::Saturated {
            self.agenda.narrow(key);
        }
        let is_same =
            |other: &Record| (other.area, &other.subject) == (record.area, &record.subject);
        self.agenda.is_narrow(key) && others.iter().any(is_same)
    }

    /// The record is there and cannot be read now.
    pub(super) fn cannot_read(&mut self, core: &Core, id: RecordId, key: &Key, error: &SpoolError) {
        self.agenda.closed(key, |_| Instant::now() + SPOOL_RETRY);
        let (area, reason) = (key.0, chained(error));
        if self.unreadable.insert(id) {
            core.tally.unreadable.add(1);
            tracing::error!(%id, %area, reason, "a record cannot be read: it keeps its place");
        }
        core.progress().last_error = Some(LastError {
            kind: ErrorKind::Unavailable,
            reason,
            at: now(),
        });
    }

    /// The record, if it is still there.
    pub(super) async fn fetch(
        &mut self,
        core: &Core,
        id: RecordId,
    ) -> Result<Option<Record>, SpoolError> {
        match self.ahead.drop(id) {
            Some(record) => Ok(Some(record)),
            None => core.spool.get(id).await,
        }
    }

    /// Keeps a record that was fetched for later.
    pub(super) fn put_back(&mut self, record: Record) {
        self.ahead.put_back(record);
    }

    /// The record is gone.
    pub(crate) fn forget(&mut self, id: RecordId, key: &Key) {
        self.ahead.drop(id);
        self.unreadable.remove(&id);
        self.agenda.done(id, key);
    }
}

/// The spool says nothing at all.
fn speechless(error: &SpoolError) -> Next {
    if matches!(error, SpoolError::Closed) {
        return Next::Never;
    }
    let reason = chained(error);
    tracing::warn!(reason, "the spool does not answer");
    Next::At(Instant::now() + SPOOL_RETRY)
}

/// How many records are looked at while the spool's index is locked.
const LOOKED_AT_ONCE: usize = 1024;

/// When a record that cannot be read, or a spool that says nothing, is tried again.
const SPOOL_RETRY: Duration = Duration::from_secs(1);
