use std::path::{Path, PathBuf};

use events_core::Place;
use events_http::{
    DlqArea, DlqEntry, DlqPage, DlqPlace, DlqQuery, DlqReport, DlqSelection, DlqSummary, DlqTotals,
};
use sink_dlq::{
    Area, Damage, Limit, OpenError, Record, RecordId, Spool, SpoolConfig, SpoolError, Status,
};
use supervisor::exit::{Exit, Failure};

use crate::human::safe;
use crate::output::Output;

/// The spool's directory itself. Held alone, so no supervisor starts on it meanwhile.
#[derive(Debug)]
pub(super) struct Directory {
    dir: PathBuf,
    spool: Spool,
}

/// Delivers records of a directory anew, through a chain made for it.
///
/// # Errors
/// Always: only a supervisor has a chain.
#[expect(clippy::unused_async, reason = "a chain has to be waited for")]
pub(super) async fn redrive(dir: &Path, _which: &DlqSelection) -> Result<DlqReport, Failure> {
    Err(Failure::new(
        Exit::Failed,
        format!(
            "redrive the spool in {} without a supervisor",
            dir.display()
        ),
    )
    .because("records are delivered by the chain, which the supervisor alone has")
    .try_next("start `supervisor` and leave out --dir; it redrives by itself"))
}

impl Directory {
    pub(super) fn open(dir: &Path, output: &mut Output) -> Result<Self, Failure> {
        // Opening would make what is missing.
        if !dir.is_dir() {
            let what = format!("open the spool in {}", dir.display());
            return Err(Failure::new(Exit::Failed, what)
                .because("there is no such directory")
                .try_next("--dir DIR with a spool, such as consign-data/spool"));
        }
        let spool = Spool::open(dir, SpoolConfig::default()).map_err(closed)?;
        for Damage {
            area,
            segment,
            offset,
            bytes,
            ..
        } in &spool.open_report().damaged
        {
            output.note(&safe(&format!(
                "damaged: {bytes} bytes of {area}/{segment} at {offset}; the records behind them are whole"
            )));
        }
        Ok(Self {
            dir: dir.to_owned(),
            spool,
        })
    }

    pub(super) async fn list(&self, query: &DlqQuery) -> Result<DlqPage, Failure> {
        let mut found = Vec::new();
        for area in &query.areas {
            self.search(*area, query, &mut found).await?;
        }
        // Ids are in the order of the first failures, whichever area a record stands in.
        found.sort_by_key(|record| record.id);
        let more = found.len() > query.limit;
        found.truncate(query.limit);
        let last = found.last().map(|record| record.id);
        Ok(DlqPage {
            next: last.filter(|_| more),
            records: found,
            totals: totals(&self.spool.status()),
        })
    }

    pub(super) async fn show(&self, id: u64) -> Result<Option<DlqEntry>, Failure> {
        let record = self.spool.get(record_id(id)?).await;
        let record = record.map_err(|error| self.failed(error))?;
        Ok(record.map(|record| DlqEntry {
            summary: summary(&record),
            event: record.event.bytes().clone(),
        }))
    }

    pub(super) async fn discard(&self, id: u64) -> Result<bool, Failure> {
        if self.show(id).await?.is_none() {
            return Ok(false);
        }
        let done = self.spool.discard(vec![record_id(id)?]).await;
        done.map(|()| true).map_err(|error| self.failed(error))
    }

    async fn search(
        &self,
        area: DlqArea,
        query: &DlqQuery,
        found: &mut Vec<DlqSummary>,
    ) -> Result<(), Failure> {
        let begin = found.len();
        let mut after = query.after.map(record_id).transpose()?;
        loop {
            let records = self.spool.next(spool_area(area), after, PORTION).await;
            let records = records.map_err(|error| self.failed(error))?;
            let Some(last) = records.last() else {
                return Ok(());
            };
            after = Some(last.id);
            found.extend(
                records
                    .iter()
                    .filter(|record| wants(query, record))
                    .map(summary),
            );
            // One more than fits tells that there are more.
            if found.len() - begin > query.limit {
                return Ok(());
            }
        }
    }

    fn failed(&self, error: SpoolError) -> Failure {
        Failure::new(
            Exit::Storage,
            format!("use the spool in {}", self.dir.display()),
        )
        .because(error)
    }
}

fn closed(error: OpenError) -> Failure {
    let held = matches!(error, OpenError::Held { .. });
    if held {
        return Failure::new(Exit::Held, "open the spool")
            .because(error)
            .try_next("leave out --dir, to ask the supervisor that holds it; or stop that one");
    }
    Failure::new(Exit::Failed, "open the spool").because(error)
}

fn wants(query: &DlqQuery, record: &Record) -> bool {
    let subject = query.subject.as_ref();
    let event_type = query.event_type.as_deref();
    subject.is_none_or(|pattern| pattern.matches(&record.subject))
        && event_type.is_none_or(|wanted| wanted == record.event.attributes().kind().as_str())
        && query
            .tenant
            .is_none_or(|tenant| tenant == *record.event.tenant())
        && query
            .reason_kind
            .is_none_or(|kind| kind == record.cause.kind)
}

fn summary(record: &Record) -> DlqSummary {
    let attributes = record.event.attributes();
    let cause = &record.cause;
    DlqSummary {
        id: record.id.number(),
        area: match record.area {
            Area::Waiting => DlqArea::Waiting,
            Area::SetAside => DlqArea::SetAside,
            Area::Dead => DlqArea::Dead,
        },
        subject: record.subject.clone(),
        event_type: attributes.kind().as_str().to_owned(),
        source: attributes.source().as_str().to_owned(),
        event_id: attributes.id().as_str().to_owned(),
        tenant: record.event.tenant().as_str().to_owned(),
        kind: cause.kind,
        reason: cause.reason.clone(),
        attempts: cause.attempts.into(),
        first_failed: humantime::format_rfc3339_micros(cause.first_failed).to_string(),
        last_failed: humantime::format_rfc3339_micros(cause.last_failed).to_string(),
        bytes: record.event.bytes().len() as u64,
        place: match &record.place {
            Place::Spool { segment, offset } => DlqPlace {
                segment: segment.clone(),
                offset: *offset,
            },
            _ => DlqPlace {
                segment: String::new(),
                offset: 0,
            },
        },
    }
}

fn totals(status: &Status) -> DlqTotals {
    DlqTotals {
        waiting: status.waiting.records as u64,
        set_aside: status.set_aside.records as u64,
        dead: status.dead.records as u64,
        bytes: status.bytes,
        oldest_age_s: status.oldest_age.map_or(0, |age| age.as_secs()),
    }
}

fn spool_area(area: DlqArea) -> Area {
    match area {
        DlqArea::Waiting => Area::Waiting,
        DlqArea::SetAside => Area::SetAside,
        DlqArea::Dead => Area::Dead,
    }
}

fn record_id(id: u64) -> Result<RecordId, Failure> {
    let failed = |error| Failure::new(Exit::Usage, "understand a record's id").because(error);
    id.to_string().parse().map_err(failed)
}

const PORTION: Limit = Limit {
    records: 500,
    bytes: 8 << 20,
};
