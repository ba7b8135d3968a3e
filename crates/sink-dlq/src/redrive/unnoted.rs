use std::collections::HashSet;
use std::iter;
use std::sync::Arc;

use events_core::chained;
use tokio::time::Instant;

use super::agenda::State;
use super::round::Redriver;
use crate::core::Core;
use crate::{Area, Cause, RecordId, SpoolError};

/// What became of records, where the spool could not be told.
#[derive(Debug, Default)]
pub(crate) struct Unnoted {
    settled: Vec<RecordId>,
    moves: Vec<Move>,
    /// Areas without room. Until it is time to try again they are not asked.
    full: HashSet<Area>,
    again: Option<Instant>,
}

/// A record that belongs in another area. It is off the agenda until it stands there.
#[derive(Clone, Debug)]
pub(super) struct Move {
    pub(super) id: RecordId,
    pub(super) subject: Arc<str>,
    pub(super) from: Area,
    pub(super) to: Area,
    pub(super) cause: Cause,
    pub(super) then: Then,
}

/// What is done with a record that has moved.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Then {
    /// It is tried again when the operator may have made a change.
    Redrive,
    /// Nothing, as long as this process runs.
    Rest,
}

impl Unnoted {
    /// When the spool is told again; `None` when it knows all.
    pub(super) fn again(&self) -> Option<Instant> {
        self.again
    }
}

impl Redriver {
    pub(super) async fn settle(&mut self, core: &Core, ids: Vec<RecordId>) {
        if ids.is_empty() {
            return;
        }
        if let Err(error) = core.spool.settle(ids.clone()).await {
            complain(&error, ids.len());
            self.unnoted.settled.extend(ids);
            self.unnoted.again = Some(Instant::now() + core.config.config_retry);
        }
    }

    /// Moves records a few at a time, since the spool has all of one call in memory at once.
    ///
    /// Those it refuses that are to be redriven stay where they are, to be tried again in their
    /// order. The others block nobody, and are moved later.
    pub(super) async fn relocate(&mut self, core: &Core, moves: Vec<Move>) {
        let (mut refused, mut refusal) = (Vec::new(), None);
        let mut left = moves.into_iter();
        loop {
            let some: Vec<Move> = left.by_ref().take(MOVED_AT_ONCE).collect();
            if some.is_empty() {
                break;
            }
            let is_full = |moved: &Move| self.unnoted.full.contains(&moved.to);
            let (unasked, asked) = some.into_iter().partition(is_full);
            refused.extend::<Vec<Move>>(unasked);
            let error = self.relocate_some(core, asked, &mut refused).await;
            let goes_on = matches!(error, None | Some(SpoolError::Full { .. }));
            refusal = refusal.or(error);
            if !goes_on {
                refused.extend(left);
                break;
            }
        }
        if let Some(error) = refusal {
            complain(&error, refused.len());
            self.unnoted.again = Some(Instant::now() + core.config.config_retry);
        }
        let until = Instant::now() + core.config.config_retry;
        for moved in refused.extract_if(.., |moved| moved.then == Then::Redrive) {
            let key = (moved.from, moved.subject);
            self.agenda.learn(moved.id, &key, State::Closed { until });
            self.agenda.closed(&key, |_| until);
        }
        core.spool.disregard(refused.iter().map(|moved| moved.id));
        self.unnoted.moves.append(&mut refused);
    }

    /// Tells the spool once more what it could not be told, when it is time.
    pub(super) async fn catch_up(&mut self, core: &Core) {
        let again = self.unnoted.again;
        if again.is_some_and(|again| again <= Instant::now()) {
            let unnoted = std::mem::take(&mut self.unnoted);
            self.settle(core, unnoted.settled).await;
            self.relocate(core, unnoted.moves).await;
        }
    }

    /// Tells the spool a last time what was delivered.
    pub(crate) async fn end(&mut self, core: &Core) {
        let settled = std::mem::take(&mut self.unnoted.settled);
        self.settle(core, settled).await;
    }

    /// Moves records in one call. Those that are refused are added to `refused`; returns why the
    /// first was.
    async fn relocate_some(
        &mut self,
        core: &Core,
        moves: Vec<Move>,
        refused: &mut Vec<Move>,
    ) -> Option<SpoolError> {
        if moves.is_empty() {
            return None;
        }
        let wanted = moves.iter();
        let wanted = wanted.map(|moved| (moved.id, moved.to, moved.cause.clone()));
        let results = core.spool.relocate(wanted.collect()).await;
        let mut refusal = None;
        for (moved, result) in iter::zip(moves, results) {
            match result {
                Ok(_) => {
                    core.tally.relocated.add(1);
                    if moved.then == Then::Redrive {
                        let state = self.state_of_new(core, moved.to);
                        self.agenda
                            .learn(moved.id, &(moved.to, moved.subject), state);
                    }
                }
                // Gone, so there is nothing to move.
                Err(SpoolError::Unknown { .. }) => {}
                Err(error) => {
                    if matches!(error, SpoolError::Full { .. }) {
                        self.unnoted.full.insert(moved.to);
                    }
                    refusal.get_or_insert(error);
                    refused.push(moved);
                }
            }
        }
        refusal
    }
}

fn complain(error: &SpoolError, records: usize) {
    let reason = chained(error);
    tracing::error!(
        reason,
        records,
        "the spool could not note what became of records"
    );
}

const MOVED_AT_ONCE: usize = 256;
