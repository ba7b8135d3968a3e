use std::time::SystemTime;

use async_trait::async_trait;
use chrono::{DateTime, SecondsFormat, Utc};
use events_core::Place;
use events_http::{
    DeadLetters, DlqArea, DlqEntry, DlqFailure, DlqPage, DlqPlace, DlqQuery, DlqReport,
    DlqSelection, DlqSummary, DlqTotals, DlqTrouble,
};
use sink_dlq::{Area, Dlq, Query, Record, RecordId, RedriveReport, Selection, SpoolError, Status};

/// The spool, for operators who ask over HTTP.
#[derive(Debug)]
pub(crate) struct Spooled(pub(crate) Dlq);

#[async_trait]
impl DeadLetters for Spooled {
    async fn list(&self, query: &DlqQuery) -> Result<DlqPage, DlqTrouble> {
        let page = self.0.list(&asked(query)).await.map_err(trouble)?;
        Ok(DlqPage {
            records: page.records.iter().map(summary).collect(),
            next: page.next.map(RecordId::number),
            totals: totals(&self.0.status().spool),
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

/// What a spool holds, as the list's totals.
pub(crate) fn totals(status: &Status) -> DlqTotals {
    let count = |records: usize| u64::try_from(records).unwrap_or(u64::MAX);
    DlqTotals {
        waiting: count(status.waiting.records),
        set_aside: count(status.set_aside.records),
        dead: count(status.dead.records),
        bytes: status.bytes,
        oldest_age_s: status.oldest_age.map_or(0, |age| age.as_secs()),
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
        stored: count(report.stored),
        duplicates: count(report.duplicates),
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
    DlqTrouble::Failed(crate::exit::chained(&error))
}
