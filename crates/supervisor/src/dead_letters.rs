use std::fmt;
use std::path::Path;
use std::time::SystemTime;

use async_trait::async_trait;
use chrono::{DateTime, SecondsFormat, Utc};
use events_core::{Draft, ErrorKind, EventSink, Outcome, Place, SinkError, WireEvent};
use events_http::{
    DeadLetters, DlqArea, DlqEntry, DlqFailure, DlqPage, DlqPlace, DlqQuery, DlqReport,
    DlqSelection, DlqSummary, DlqTotals, DlqTrouble,
};
use sink_dlq::{
    Area, Config, Damage, Dlq, DlqSink, Query, Record, RecordId, RedriveReport, Selection,
    SpoolConfig, SpoolError, Status,
};

use crate::exit::Failure;
use crate::spool;

/// The spool, for operators: over HTTP in a supervisor, or on the directory itself without one.
#[derive(Clone, Debug)]
pub struct Spooled(Dlq);

impl Spooled {
    pub(crate) fn new(dlq: Dlq) -> Self {
        Self(dlq)
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
        Ok((Self(sink.handle()), damaged))
    }
}

#[async_trait]
impl DeadLetters for Spooled {
    async fn list(&self, query: &DlqQuery) -> Result<DlqPage, DlqTrouble> {
        let page = self.0.list(&asked(query)).await.map_err(trouble)?;
        Ok(DlqPage {
            records: page.records.iter().map(summary).collect(),
            next: page.next.map(RecordId::number),
            totals: Some(totals(&self.0.status().spool)),
        })
    }

    async fn show(&self, id: u64) -> Result<Option<DlqEntry>, DlqTrouble> {
        let found = self.0.show(RecordId::from(id)).await.map_err(trouble)?;
        Ok(found.map(|record| DlqEntry {
            summary: summary(&record),
            event: record.event.bytes().clone(),
        }))
    }

    async fn redrive(&self, which: &DlqSelection) -> Result<DlqReport, DlqTrouble> {
        let report = self.0.redrive(selection(which)).await.map_err(trouble)?;
        Ok(reported(&report))
    }

    async fn drop_record(&self, id: u64) -> Result<bool, DlqTrouble> {
        let dropped = self.0.drop(&[RecordId::from(id)]).await.map_err(trouble)?;
        Ok(dropped > 0)
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

/// What a spool holds, as the list's totals.
pub(crate) fn totals(status: &Status) -> DlqTotals {
    let count = |records: usize| u64::try_from(records).unwrap_or(u64::MAX);
    DlqTotals {
        waiting: count(status.waiting.records),
        set_aside: count(status.set_aside.records),
        dead: count(status.dead.records),
        bytes: status.bytes,
        oldest_age_s: status.oldest_age().map_or(0, |age| age.as_secs()),
    }
}

/// A record as a list shows it.
pub(crate) fn summary(record: &Record) -> DlqSummary {
    let event = record.event.attributes();
    let cause = &record.cause;
    DlqSummary {
        id: record.id.number(),
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
