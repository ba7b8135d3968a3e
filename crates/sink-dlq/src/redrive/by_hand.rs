use std::collections::{BTreeSet, HashSet};
use std::iter;

use events_core::{ErrorKind, chained};

use super::agenda::Key;
use super::attempt::Fate;
use super::report::{RedriveReport, Selection};
use super::round::Redriver;
use crate::core::Core;
use crate::{Area, Query, Record, RecordId, SpoolError};

impl Core {
    /// Redrives what an operator selects, one batch at a time, the background's in between.
    pub(crate) async fn redrive(&self, selection: Selection) -> Result<RedriveReport, SpoolError> {
        let mut report = RedriveReport::default();
        let mut left = match selection {
            Selection::All => self.all(),
            Selection::Query(query) => self.ids_of(&query).await?,
            Selection::Ids(ids) => self.those_of(ids, &mut report),
        };
        let selected = left.clone();
        while !left.is_empty() {
            let mut redriver = self.redriver.lock().await;
            // Perhaps it was let go of to be closed.
            if self.is_closing() || !redriver.by_hand(self, &mut left, &mut report).await? {
                break;
            }
        }
        let is_there = |id: &&RecordId| self.spool.find(**id).is_some();
        report.left = selected.iter().filter(is_there).count();
        Ok(report)
    }

    /// Drops records for good. How many there were.
    pub(crate) async fn drop_records(&self, ids: Vec<RecordId>) -> Result<usize, SpoolError> {
        // Nobody redrives them meanwhile.
        let mut redriver = self.redriver.lock().await;
        let mut found = Vec::new();
        for id in ids.into_iter().collect::<BTreeSet<_>>() {
            let Some(key) = self.spool.find(id) else {
                continue;
            };
            match self.spool.get(id).await {
                Ok(Some(record)) if self.is_sound(&record) => {
                    self.declare(Area::Dead, record.event.attributes());
                }
                // One that cannot be read goes as well, its number unsaid.
                Ok(Some(_)) | Err(SpoolError::Io { .. }) => {}
                Ok(None) => continue,
                Err(error) => return Err(error),
            }
            redriver.forget(id, &key);
            found.push(id);
        }
        let count = found.len();
        self.spool.discard(found).await?;
        self.tally.dropped.add(count);
        Ok(count)
    }

    /// All records there are.
    fn all(&self) -> BTreeSet<RecordId> {
        let of = |area| self.spool.behind(area, None, usize::MAX);
        let all = Area::EACH.into_iter().flat_map(of);
        all.map(|(id, _)| id).collect()
    }

    async fn ids_of(&self, query: &Query) -> Result<BTreeSet<RecordId>, SpoolError> {
        let mut ids = BTreeSet::new();
        self.each(query, |record| ids.insert(record.id)).await?;
        Ok(ids)
    }

    /// Those that there are; the others are gone, or never were.
    fn those_of(&self, ids: Vec<RecordId>, report: &mut RedriveReport) -> BTreeSet<RecordId> {
        let mut found = BTreeSet::new();
        for id in ids {
            if self.spool.find(id).is_some() {
                found.insert(id);
            } else if self.spool.may_have_had(id) {
                report.gone += 1;
            } else {
                report.unknown.push(id);
            }
        }
        found
    }
}

impl Redriver {
    /// Redrives one batch of those that are `left`, and takes it from them. Whether to go on.
    async fn by_hand(
        &mut self,
        core: &Core,
        left: &mut BTreeSet<RecordId>,
        report: &mut RedriveReport,
    ) -> Result<bool, SpoolError> {
        // To the ends, so that each lane's order is known.
        while self.look(core) {}
        let mut records: Vec<Record> = Vec::new();
        let mut barred: HashSet<Key> = HashSet::new();
        while records.len() < core.config.redrive_batch.max(1) {
            let Some(id) = left.pop_first() else {
                break;
            };
            // Perhaps somebody else redrove or dropped it meanwhile.
            let Some(key) = core.spool.find(id) else {
                continue;
            };
            let taken = records.iter().map(|record| record.id);
            if key.0 != Area::Dead && (barred.contains(&key) || !self.is_next(id, &key, taken)) {
                barred.insert(key);
                report.failed(id, ErrorKind::Unavailable, OUT_OF_TURN);
                continue;
            }
            let record = match self.fetch(core, id).await {
                Ok(Some(record)) => record,
                Ok(None) => continue,
                Err(error @ SpoolError::Io { .. }) => {
                    self.cannot_read(core, id, &key, &error);
                    report.failed(id, ErrorKind::Unavailable, &chained(&error));
                    continue;
                }
                Err(error) => return Err(error),
            };
            if self.comes_too_early(&key, &record, &records) {
                self.put_back(record);
                left.insert(id);
                break;
            }
            records.push(record);
        }
        if records.is_empty() {
            return Ok(true);
        }
        let fates = core.attempt(&records).await;
        self.judge(core, &records, &fates).await;
        for (record, fate) in iter::zip(&records, &fates) {
            match fate {
                Fate::Stored { duplicate } => {
                    report.stored += 1;
                    report.duplicates += usize::from(*duplicate);
                }
                fate => {
                    if let Some((kind, reason)) = fate.failure() {
                        report.failed(record.id, kind, reason);
                    }
                }
            }
        }
        Ok(fates
            .iter()
            .any(|fate| fate.is_answer() || fate.is_unsound()))
    }

    /// Whether all earlier records of the lane are among those taken.
    fn is_next(&self, id: RecordId, key: &Key, taken: impl Iterator<Item = RecordId>) -> bool {
        let taken: HashSet<RecordId> = taken.collect();
        let mut earlier = self.agenda.lane(key).take_while(|other| *other < id);
        earlier.all(|other| taken.contains(&other))
    }
}

const OUT_OF_TURN: &str = "earlier events of its subject wait";
