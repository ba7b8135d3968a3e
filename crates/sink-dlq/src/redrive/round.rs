use std::collections::HashMap;
use std::time::Duration;

use events_core::ErrorKind;
use tokio::time::Instant;

use super::agenda::{Agenda, Key, State};
use super::ahead::Ahead;
use super::backoff::Backoff;
use super::unnoted::Unnoted;
use crate::core::Core;
use crate::error::chain;
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
        let more = match self.look(core).await {
            Ok(more) => more,
            Err(error) => return unreadable(&error),
        };
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
            Err(error) => return unreadable(&error),
        };
        if records.is_empty() {
            return Next::Now;
        }
        let fates = core.attempt(&records).await;
        self.judge(core, &records, &fates).await;
        self.not_before.map_or(Next::Now, Next::At)
    }

    /// Reads on in the areas whose records are redriven. Whether there was anything new.
    pub(super) async fn look(&mut self, core: &Core) -> Result<bool, SpoolError> {
        let mut more = false;
        for area in [Area::Waiting, Area::SetAside] {
            more |= self.look_in(core, area).await?;
        }
        self.looked_through |= !more;
        Ok(more)
    }

    async fn look_in(&mut self, core: &Core, area: Area) -> Result<bool, SpoolError> {
        let after = self.known.get(&area).copied();
        let records = Ahead::look(core, area, after).await?;
        let Some(last) = records.last() else {
            return Ok(false);
        };
        self.known.insert(area, last.id);
        let state = self.state_of_new(core, area);
        for record in records {
            let key = (area, record.subject.as_str().into());
            self.agenda.learn(record.id, &key, state);
            if record.cause.kind == ErrorKind::Saturated {
                self.agenda.narrow(&key);
            }
            self.ahead.keep(record);
        }
        Ok(true)
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

    /// The records, those left out that are not there any more. What cannot be read ends the
    /// batch, since later records of its subject have to wait for it.
    async fn read(
        &mut self,
        core: &Core,
        due: &[(RecordId, Key)],
    ) -> Result<Vec<Record>, SpoolError> {
        let mut records = Vec::with_capacity(due.len());
        let mut due = due;
        while let [(id, key), rest @ ..] = due {
            match self.ahead.take(core, due).await {
                Ok(Some(record)) => records.push(record),
                Ok(None) => self.agenda.done(*id, key),
                Err(error) if records.is_empty() => return Err(error),
                Err(_) => break,
            }
            due = rest;
        }
        Ok(records)
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

    /// The record is gone.
    pub(crate) fn forget(&mut self, id: RecordId, key: &Key) {
        self.ahead.drop(id);
        self.agenda.done(id, key);
    }
}

fn unreadable(error: &SpoolError) -> Next {
    if matches!(error, SpoolError::Closed) {
        return Next::Never;
    }
    let reason = chain(error);
    tracing::warn!(reason, "the spool cannot be read");
    Next::At(Instant::now() + SPOOL_RETRY)
}

/// When a spool that cannot be read is tried again.
const SPOOL_RETRY: Duration = Duration::from_secs(1);

/// How a lane waits that the destination did not take a record of, while it takes others.
pub(super) const LANE: Backoff = Backoff::up_to(Duration::from_secs(30));

/// How the redriver waits for a destination that does not answer.
pub(super) const DESTINATION: Backoff = Backoff::up_to(Duration::from_millis(500));
