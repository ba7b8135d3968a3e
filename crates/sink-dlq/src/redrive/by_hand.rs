use std::collections::{BTreeSet, HashSet};
use std::iter;

use events_core::ErrorKind;

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
            Selection::All => self.ids_of(&Query::default()).await?,
            Selection::Query(query) => self.ids_of(&query).await?,
            Selection::Ids(ids) => self.those_of(ids, &mut report).await?,
        };
        report.left = left.len();
        while !left.is_empty() && !self.is_closing() {
            let mut redriver = self.redriver.lock().await;
            if !redriver.by_hand(self, &mut left, &mut report).await? {
                break;
            }
        }
        Ok(report)
    }

    /// Drops records for good. How many there were.
    pub(crate) async fn drop_records(&self, ids: Vec<RecordId>) -> Result<usize, SpoolError> {
        // Nobody redrives them meanwhile.
        let mut redriver = self.redriver.lock().await;
        let mut found = Vec::new();
        for id in ids.into_iter().collect::<BTreeSet<_>>() {
            let Some(record) = self.spool.get(id).await? else {
                continue;
            };
            if self.is_sound(&record) {
                self.declare(Area::Dead, record.event.attributes());
            }
            redriver.forget(id, &(record.area, record.subject.as_str().into()));
            found.push(id);
        }
        let count = found.len();
        self.spool.discard(found).await?;
        self.tally.dropped.add(count);
        Ok(count)
    }

    async fn ids_of(&self, query: &Query) -> Result<BTreeSet<RecordId>, SpoolError> {
        let mut ids = BTreeSet::new();
        self.each(query, |record| ids.insert(record.id)).await?;
        Ok(ids)
    }

    /// Those that there are; the others failed.
    async fn those_of(
        &self,
        ids: Vec<RecordId>,
        report: &mut RedriveReport,
    ) -> Result<BTreeSet<RecordId>, SpoolError> {
        let mut found = BTreeSet::new();
        for id in ids {
            if self.spool.get(id).await?.is_some() {
                found.insert(id);
            } else {
                report.failed(id, ErrorKind::Invalid, "there is no such record");
            }
        }
        Ok(found)
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
        self.look_through(core).await?;
        let mut records = Vec::new();
        let mut barred: HashSet<Key> = HashSet::new();
        while records.len() < core.config.redrive_batch.max(1) {
            let Some(id) = left.pop_first() else {
                break;
            };
            let Some(record) = self.fetch(core, id).await? else {
                // Somebody else redrove or dropped it meanwhile.
                report.left -= 1;
                continue;
            };
            let key: Key = (record.area, record.subject.as_str().into());
            let is_same =
                |other: &Record| (other.area, &other.subject) == (record.area, &record.subject);
            if self.agenda.is_narrow(&key) && records.iter().any(is_same) {
                left.insert(id);
                break;
            }
            let taken = records.iter().map(|record: &Record| record.id);
            if record.area != Area::Dead
                && (barred.contains(&key) || !self.is_next(id, &key, taken))
            {
                barred.insert(key);
                report.failed(id, ErrorKind::Unavailable, OUT_OF_TURN);
                continue;
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
                    report.left -= 1;
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
            .any(|fate| fate.is_answer() || matches!(fate, Fate::Tampered { .. })))
    }

    /// Whether all earlier records of the lane are among those taken.
    fn is_next(&self, id: RecordId, key: &Key, taken: impl Iterator<Item = RecordId>) -> bool {
        let taken: HashSet<RecordId> = taken.collect();
        let mut earlier = self.agenda.lane(key).take_while(|other| *other < id);
        earlier.all(|other| taken.contains(&other))
    }

    /// Reads the areas to their ends, so that each lane's order is known.
    async fn look_through(&mut self, core: &Core) -> Result<(), SpoolError> {
        while self.look(core).await? {}
        Ok(())
    }
}

const OUT_OF_TURN: &str = "earlier events of its subject wait";
