use std::fmt;
use std::iter;
use std::path::Path;
use std::time::SystemTime;

use async_trait::async_trait;
use chrono::{DateTime, SecondsFormat, Utc};
use events_core::{Draft, ErrorKind, EventSink, Outcome, Place, SinkError, WireEvent};
use events_http::{
    DeadLetters, DlqArea, DlqEntry, DlqFailure, DlqPage, DlqPlace, DlqQuery, DlqReport,
    DlqSelection, DlqSummary, DlqTotals, DlqTrouble,
};
use futures::future::join_all;
use sink_dlq::{
    Area, Config, Damage, Dlq, DlqSink, Query, Record, RecordId, RedriveReport, Selection,
    SpoolConfig, SpoolError,
};

use crate::exit::Failure;
use crate::spool::{self, Waiting};

/// The spools, for operators: over HTTP in a supervisor, or on the directory itself without one.
#[derive(Clone, Debug)]
pub struct Spooled {
    first: Spool,
    /// Each with ids above those of the one before.
    further: Vec<Spool>,
}

/// One spool, and the sink that its records wait for, where that is known.
#[derive(Clone, Debug)]
struct Spool {
    dlq: Dlq,
    sink: Option<&'static str>,
    ids_after: u64,
}

impl Spooled {
    /// The spools of a chain, in the order of their ids, where it has any.
    pub(crate) fn of(spools: Vec<Waiting>) -> Option<Self> {
        let mut spools = spools.into_iter().map(|waiting| Spool {
            dlq: waiting.dlq,
            sink: Some(waiting.sink),
            ids_after: waiting.ids_after,
        });
        Some(Self {
            first: spools.next()?,
            further: spools.collect(),
        })
    }

    /// Opens the spool in `dir` to look at it and to drop records, while no supervisor holds it.
    /// Nothing is redriven. What is damaged is told beside it, in words.
    ///
    /// # Errors
    /// [`Exit::Held`](crate::exit::Exit::Held) where a process has it; else what keeps it from
    /// being opened.
    pub fn open(dir: &Path) -> Result<(Self, Vec<String>), Failure> {
        let spool = spool::open_in(dir, SpoolConfig::default())?;
        let damaged = spool.open_report().damaged.iter().map(in_words).collect();
        let sink = DlqSink::new(Nowhere, spool, Config::default());
        let first = Spool {
            dlq: sink.handle(),
            sink: None,
            ids_after: 0,
        };
        let further = Vec::new();
        Ok((Self { first, further }, damaged))
    }

    fn each(&self) -> impl Iterator<Item = &Spool> {
        iter::once(&self.first).chain(&self.further)
    }

    /// The spool that a record of this id is in, if it is anywhere.
    fn with(&self, id: u64) -> &Spool {
        let mut further = self.further.iter().rev();
        let found = further.find(|spool| spool.ids_after < id);
        found.unwrap_or(&self.first)
    }

    /// Those of the chosen records that may be in `spool`.
    fn share(&self, which: &DlqSelection, spool: &Spool) -> DlqSelection {
        let DlqSelection::Ids(ids) = which else {
            return which.clone();
        };
        let here = |id: &u64| self.with(*id).ids_after == spool.ids_after;
        DlqSelection::Ids(ids.iter().copied().filter(here).collect())
    }
}

#[async_trait]
impl DeadLetters for Spooled {
    async fn list(&self, query: &DlqQuery) -> Result<DlqPage, DlqTrouble> {
        let mut records: Vec<DlqSummary> = Vec::new();
        let mut more = false;
        for spool in self.each() {
            let left = query.limit.saturating_sub(records.len());
            let asked = Query {
                limit: left.max(1),
                ..asked(query)
            };
            let page = spool.dlq.list(&asked).await.map_err(trouble)?;
            let found = page.records.iter();
            more = page.next.is_some() || found.len() > left;
            records.extend(found.take(left).map(|record| spool.summary(record)));
            if more {
                break;
            }
        }
        let last = records.last().map(|record| record.id);
        Ok(DlqPage {
            next: last.filter(|_| more),
            records,
            totals: Some(totals(self.each().map(|spool| &spool.dlq))),
        })
    }

    async fn show(&self, id: u64) -> Result<Option<DlqEntry>, DlqTrouble> {
        let spool = self.with(id);
        let found = spool.dlq.show(RecordId::from(id)).await.map_err(trouble)?;
        Ok(found.map(|record| DlqEntry {
            summary: spool.summary(&record),
            event: record.event.bytes().clone(),
        }))
    }

    async fn redrive(&self, which: &DlqSelection) -> Result<DlqReport, DlqTrouble> {
        let redriven = self.each().map(async |spool| {
            let share = selection(&self.share(which, spool));
            spool.dlq.redrive(share).await.map_err(trouble)
        });
        let mut total = DlqReport::default();
        for report in join_all(redriven).await {
            let DlqReport {
                stored,
                duplicates,
                gone,
                unknown,
                failed,
                left,
            } = reported(&report?);
            total.stored += stored;
            total.duplicates += duplicates;
            total.gone += gone;
            total.unknown.extend(unknown);
            total.failed.extend(failed);
            total.left += left;
        }
        Ok(total)
    }

    async fn drop_record(&self, id: u64) -> Result<bool, DlqTrouble> {
        let dlq = &self.with(id).dlq;
        let dropped = dlq.drop(&[RecordId::from(id)]).await.map_err(trouble)?;
        Ok(dropped > 0)
    }
}

impl Spool {
    fn summary(&self, record: &Record) -> DlqSummary {
        DlqSummary {
            sink: self.sink.map(str::to_owned),
            ..summary(record)
        }
    }
}

/// Where records of a spool go that is only looked at.
#[derive(Debug)]
struct Nowhere;

#[async_trait]
impl EventSink for Nowhere {
    fn prepare(&self, _drafts: &mut [Draft]) {}

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        let refused = SinkError::new(ErrorKind::Config, "deliver from a spool without a chain");
        events.iter().map(|_| Err(refused.clone())).collect()
    }
}

impl fmt::Display for Nowhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nowhere")
    }
}

/// Where something else stands than was written.
pub(crate) fn in_words(damage: &Damage) -> String {
    let (area, segment) = (damage.area, &damage.segment);
    let (bytes, offset) = (damage.bytes, damage.offset);
    format!("{bytes} bytes of {area}/{segment} at {offset}; the records behind are whole")
}

/// What spools hold together.
pub(crate) fn totals<'a>(spools: impl Iterator<Item = &'a Dlq>) -> DlqTotals {
    let count = |records: usize| u64::try_from(records).unwrap_or(u64::MAX);
    let mut totals = DlqTotals::default();
    for dlq in spools {
        let status = dlq.status().spool;
        let age = status.oldest_age().map_or(0, |age| age.as_secs());
        totals.waiting += count(status.waiting.records);
        totals.set_aside += count(status.set_aside.records);
        totals.dead += count(status.dead.records);
        totals.bytes += status.bytes;
        totals.oldest_age_s = totals.oldest_age_s.max(age);
    }
    totals
}

/// A record as a list shows it, whichever sink it waits for.
pub(crate) fn summary(record: &Record) -> DlqSummary {
    let event = record.event.attributes();
    let cause = &record.cause;
    DlqSummary {
        id: record.id.number(),
        sink: None,
        area: match record.area {
            Area::Waiting => DlqArea::Waiting,
            Area::SetAside => DlqArea::SetAside,
            Area::Dead => DlqArea::Dead,
        },
        subject: record.subject.clone(),
        event_type: event.kind().as_str().to_owned(),
        source: event.source().as_str().to_owned(),
        event_id: event.id().as_str().to_owned(),
        tenant: record.event.tenant().as_str().to_owned(),
        kind: cause.kind,
        reason: cause.reason.clone(),
        attempts: u64::from(cause.attempts),
        first_failed: rfc3339(cause.first_failed),
        last_failed: rfc3339(cause.last_failed),
        bytes: u64::try_from(record.event.bytes().len()).unwrap_or(u64::MAX),
        place: place(&record.place),
    }
}

/// What became of a redrive.
pub(crate) fn reported(report: &RedriveReport) -> DlqReport {
    let count = |records: usize| u64::try_from(records).unwrap_or(u64::MAX);
    let failed = report.failed.iter().map(|failure| DlqFailure {
        id: failure.id.number(),
        kind: failure.kind,
        reason: failure.reason.clone(),
    });
    DlqReport {
        stored: count(report.stored.saturating_sub(report.duplicates)),
        duplicates: count(report.duplicates),
        gone: count(report.gone),
        unknown: report.unknown.iter().map(|id| id.number()).collect(),
        failed: failed.collect(),
        left: count(report.left),
    }
}

/// Which records are chosen.
pub(crate) fn selection(which: &DlqSelection) -> Selection {
    match which {
        DlqSelection::All => Selection::All,
        DlqSelection::Areas(areas) => Selection::Query(Query {
            areas: areas.iter().copied().map(area).collect(),
            ..Query::default()
        }),
        DlqSelection::Ids(ids) => Selection::Ids(ids.iter().copied().map(RecordId::from).collect()),
        DlqSelection::Query(query) => Selection::Query(asked(query)),
    }
}

fn asked(query: &DlqQuery) -> Query {
    Query {
        areas: query.areas.iter().copied().map(area).collect(),
        subject: query.subject.clone(),
        event_type: query.event_type.clone(),
        tenant: query.tenant,
        kind: query.reason_kind,
        after: query.after.map(RecordId::from),
        limit: query.limit,
    }
}

fn area(area: DlqArea) -> Area {
    match area {
        DlqArea::Waiting => Area::Waiting,
        DlqArea::SetAside => Area::SetAside,
        DlqArea::Dead => Area::Dead,
    }
}

fn place(place: &Place) -> DlqPlace {
    match place {
        Place::Spool { segment, offset } => DlqPlace {
            segment: segment.clone(),
            offset: *offset,
        },
        // No record of a spool is anywhere else.
        _ => DlqPlace {
            segment: String::new(),
            offset: 0,
        },
    }
}

fn rfc3339(time: SystemTime) -> String {
    DateTime::<Utc>::from(time).to_rfc3339_opts(SecondsFormat::Micros, true)
}

#[expect(clippy::needless_pass_by_value, reason = "it is used in map_err")]
fn trouble(error: SpoolError) -> DlqTrouble {
    DlqTrouble::Failed(events_core::chained(&error))
}
