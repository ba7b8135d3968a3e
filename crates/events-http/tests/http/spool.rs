use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use events_core::ErrorKind;
use events_http::{
    DeadLetters, DlqArea, DlqEntry, DlqFailure, DlqPage, DlqPlace, DlqQuery, DlqReport,
    DlqSelection, DlqSummary, DlqTotals, DlqTrouble,
};
use tokio::sync::Semaphore;

/// A spool in memory. The record 13 always fails.
#[derive(Debug)]
pub(crate) struct Spool {
    pub(crate) records: Mutex<BTreeMap<u64, DlqEntry>>,
    pub(crate) asked: Mutex<Vec<DlqSelection>>,
    pub(crate) trouble: Mutex<Option<DlqTrouble>>,
    /// Each call takes a permit; there are plenty unless a test takes them away.
    pub(crate) gate: Semaphore,
    /// Whether it forgets to look at tenants.
    pub(crate) careless: AtomicBool,
}

impl Spool {
    pub(crate) fn of(records: &[(u64, DlqArea, &str)]) -> Self {
        let entries = records.iter().map(|(id, area, kind)| {
            let event = format!(
                r#"{{"specversion":"1.0","id":"e{id}","source":"/s","type":"{kind}",  "data":{{"b":1.10,"a":1e2}}}}"#
            );
            let summary = DlqSummary {
                sink: None,
                id: *id,
                area: *area,
                subject: format!("consign.events.single.{kind}"),
                event_type: (*kind).to_owned(),
                source: "/s".into(),
                event_id: format!("e{id}"),
                tenant: "single".into(),
                kind: ErrorKind::Unavailable,
                reason: "publish to jetstream".into(),
                attempts: 3,
                first_failed: "2026-11-20T11:58:03Z".into(),
                last_failed: "2026-11-20T11:59:03Z".into(),
                bytes: event.len() as u64,
                place: DlqPlace {
                    segment: "0001.seg".into(),
                    offset: 16,
                },
            };
            let event = event.into();
            (*id, DlqEntry { summary, event })
        });
        Self {
            records: Mutex::new(entries.collect()),
            asked: Mutex::default(),
            trouble: Mutex::default(),
            gate: Semaphore::new(1000),
            careless: AtomicBool::new(false),
        }
    }

    pub(crate) fn ids(&self) -> Vec<u64> {
        self.records.lock().unwrap().keys().copied().collect()
    }

    async fn called(&self) -> Result<(), DlqTrouble> {
        self.gate.acquire().await.unwrap().forget();
        let trouble = self.trouble.lock().unwrap().clone();
        match trouble {
            Some(DlqTrouble::Failed(text)) if text == "panic" => panic!("as asked"),
            Some(trouble) => Err(trouble),
            None => Ok(()),
        }
    }

    fn wanted(&self, query: &DlqQuery) -> Vec<DlqSummary> {
        let records = self.records.lock().unwrap();
        let summaries = records.values().map(|entry| &entry.summary);
        summaries
            .filter(|summary| query.areas.contains(&summary.area))
            .filter(|summary| query.after.is_none_or(|after| summary.id > after))
            .filter(|summary| {
                let subject = query.subject.as_ref();
                subject.is_none_or(|pattern| pattern.matches(&summary.subject))
            })
            .filter(|summary| {
                let kind = query.event_type.as_ref();
                kind.is_none_or(|kind| *kind == summary.event_type)
            })
            .filter(|summary| {
                let tenant = query
                    .tenant
                    .filter(|_| !self.careless.load(Ordering::Relaxed));
                tenant.is_none_or(|tenant| tenant.as_str() == summary.tenant)
            })
            .cloned()
            .collect()
    }
}

#[async_trait]
impl DeadLetters for Spool {
    async fn list(&self, query: &DlqQuery) -> Result<DlqPage, DlqTrouble> {
        self.called().await?;
        let mut records = self.wanted(query);
        let more = records.len() > query.limit;
        records.truncate(query.limit);
        let last = records.last().map(|record| record.id);
        Ok(DlqPage {
            records,
            next: last.filter(|_| more),
            totals: Some(DlqTotals {
                waiting: self.ids().len() as u64,
                ..DlqTotals::default()
            }),
        })
    }

    async fn show(&self, id: u64) -> Result<Option<DlqEntry>, DlqTrouble> {
        self.called().await?;
        Ok(self.records.lock().unwrap().get(&id).cloned())
    }

    async fn redrive(&self, which: &DlqSelection) -> Result<DlqReport, DlqTrouble> {
        self.asked.lock().unwrap().push(which.clone());
        self.called().await?;
        let chosen = match which {
            DlqSelection::Ids(ids) => ids.clone(),
            _ => self.ids(),
        };
        let mut report = DlqReport::default();
        let mut records = self.records.lock().unwrap();
        for id in chosen {
            if id != 13 && records.remove(&id).is_some() {
                report.stored += 1;
            } else {
                report.failed.push(DlqFailure {
                    id,
                    kind: ErrorKind::Rejected,
                    reason: "publish to jetstream".into(),
                });
            }
        }
        report.left = records.len() as u64;
        Ok(report)
    }

    async fn drop_record(&self, id: u64) -> Result<bool, DlqTrouble> {
        self.called().await?;
        Ok(self.records.lock().unwrap().remove(&id).is_some())
    }
}
