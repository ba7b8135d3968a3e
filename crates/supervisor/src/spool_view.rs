use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use events_core::chained;
use events_core::time::{Timestamp, now};
use events_http::{
    DeadLetters, DlqArea, DlqEntry, DlqPage, DlqQuery, DlqReport, DlqSelection, DlqSummary,
    DlqTotals, DlqTrouble,
};
use sink_dlq::{Area, ReadError, RecordId, Records};

use crate::dead_letters::{in_words, summary};
use crate::exit::Failure;
use crate::spool;

/// A spool's directory as it was when it was looked at. Takes no lock and changes nothing, so a
/// supervisor may have the directory; what it removes meanwhile is not shown any more.
#[derive(Debug)]
pub struct SpoolView {
    dir: PathBuf,
    /// Every record, oldest first, without its event.
    records: Vec<DlqSummary>,
    bytes: u64,
    /// To read events by their ids.
    index: Mutex<Option<Records>>,
}

impl SpoolView {
    /// Reads the spool in `dir`. What is damaged is told beside it, in words.
    ///
    /// # Errors
    /// Where a later release wrote it, or it cannot be read.
    pub fn open(dir: &Path) -> Result<(Self, Vec<String>), Failure> {
        let (mut records, mut damaged) = (Vec::new(), Vec::new());
        for read in sink_dlq::read(dir).map_err(|error| spool::refused(dir, error))? {
            match read {
                Ok(record) => records.push(summary(&record)),
                // A write that is just going on, or was cut short before it was answered.
                Err(ReadError::TornTail(_)) => {}
                Err(ReadError::Damaged(damage)) => damaged.push(in_words(&damage)),
                Err(error) => damaged.push(chained(&error)),
            }
        }
        records.sort_by_key(|record| record.id);
        let view = Self {
            dir: dir.to_owned(),
            records,
            bytes: size(dir).unwrap_or_default(),
            index: Mutex::default(),
        };
        Ok((view, damaged))
    }

    fn totals(&self) -> DlqTotals {
        let of = |area| {
            let here = self.records.iter().filter(|record| record.area == area);
            u64::try_from(here.count()).unwrap_or(u64::MAX)
        };
        let oldest = self
            .records
            .iter()
            .filter_map(|record| age(&record.first_failed));
        DlqTotals {
            waiting: of(DlqArea::Waiting),
            set_aside: of(DlqArea::SetAside),
            dead: of(DlqArea::Dead),
            bytes: self.bytes,
            oldest_age_s: oldest.max().map_or(0, |age| age.as_secs()),
        }
    }

    fn event(&self, id: u64) -> Result<Option<DlqEntry>, DlqTrouble> {
        let mut index = self
            .index
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let records = match index.as_mut() {
            Some(records) => records,
            None => index.insert(sink_dlq::read(&self.dir).map_err(|error| failed(&error))?),
        };
        let found = records.get(RecordId::from(id)).transpose();
        let found = found.map_err(|error| failed(&error))?;
        Ok(found.map(|record| DlqEntry {
            summary: summary(&record),
            event: record.event.bytes().clone(),
        }))
    }
}

#[async_trait]
impl DeadLetters for SpoolView {
    async fn list(&self, query: &DlqQuery) -> Result<DlqPage, DlqTrouble> {
        let mut wanted = self.records.iter().filter(|record| wants(query, record));
        let records: Vec<DlqSummary> = wanted.by_ref().take(query.limit).cloned().collect();
        let last = records.last().map(|record| record.id);
        Ok(DlqPage {
            next: wanted.next().and(last),
            records,
            totals: Some(self.totals()),
        })
    }

    async fn show(&self, id: u64) -> Result<Option<DlqEntry>, DlqTrouble> {
        self.event(id)
    }

    async fn redrive(&self, _which: &DlqSelection) -> Result<DlqReport, DlqTrouble> {
        Err(only_looked_at())
    }

    async fn drop_record(&self, _id: u64) -> Result<bool, DlqTrouble> {
        Err(only_looked_at())
    }
}

fn wants(query: &DlqQuery, record: &DlqSummary) -> bool {
    let is_type = |wanted: &String| *wanted == record.event_type;
    query.after.is_none_or(|after| record.id > after)
        && (query.areas.is_empty() || query.areas.contains(&record.area))
        && query
            .subject
            .as_ref()
            .is_none_or(|pattern| pattern.matches(&record.subject))
        && query.event_type.as_ref().is_none_or(is_type)
        && query
            .tenant
            .is_none_or(|tenant| tenant.as_str() == record.tenant)
        && query.reason_kind.is_none_or(|kind| kind == record.kind)
}

/// The size of the areas' files.
fn size(dir: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for area in Area::EACH {
        let entries = match fs::read_dir(dir.join(area.as_str())) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            bytes += entry?.metadata()?.len();
        }
    }
    Ok(bytes)
}

fn age(first_failed: &str) -> Option<Duration> {
    let at: Timestamp = first_failed.parse().ok()?;
    (now() - at.instant()).to_std().ok()
}

fn failed(error: &(dyn std::error::Error + 'static)) -> DlqTrouble {
    DlqTrouble::Failed(chained(error))
}

fn only_looked_at() -> DlqTrouble {
    DlqTrouble::Failed("change a spool that is only looked at".to_owned())
}
