use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Output;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use events_core::{ErrorKind, Event, SinkError};
use events_http::{
    Accepted, Config, DeadLetters, DlqArea, DlqEntry, DlqFailure, DlqPage, DlqPlace, DlqQuery,
    DlqReport, DlqSelection, DlqSummary, DlqTotals, DlqTrouble, Intake, Ports, Readiness, Server,
    Status,
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

pub(crate) use crate::program::{bare, err, ok, out};

/// A server that runs until it is dropped, and what is behind it.
pub(crate) struct Host {
    pub(crate) addr: SocketAddr,
    pub(crate) fake: Arc<Fake>,
    _runtime: Runtime,
}

/// A spool in memory. The record 13 is always refused, 99 finds nobody there, and
/// 202 takes for ever.
#[derive(Debug)]
pub(crate) struct Fake {
    pub(crate) records: Mutex<BTreeMap<u64, DlqEntry>>,
    pub(crate) lots: Mutex<Vec<usize>>,
    pub(crate) status: Mutex<Value>,
    pub(crate) degraded: Mutex<Vec<String>>,
}

impl Host {
    pub(crate) fn start(records: &[(u64, DlqArea, &str)]) -> Self {
        Self::start_with(records, |_| {})
    }

    pub(crate) fn start_with(
        records: &[(u64, DlqArea, &str)],
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let entries = records
            .iter()
            .map(|(id, area, kind)| (*id, entry(*id, *area, kind)));
        let fake = Arc::new(Fake {
            records: Mutex::new(entries.collect()),
            lots: Mutex::default(),
            status: Mutex::new(json!({ "version": "0.1.0", "stack": "dlq(sign(redact(x)))" })),
            degraded: Mutex::default(),
        });
        let ports = Ports {
            intake: fake.clone(),
            status: fake.clone(),
            observer: Arc::new(()),
            dead_letters: Some(fake.clone()),
            history: None,
            tail: None,
        };
        let mut config = Config::new("127.0.0.1:0".parse().unwrap());
        change(&mut config);
        let server = runtime.block_on(Server::bind(config, ports)).unwrap();
        let addr = server.local_addr();
        runtime.spawn(server.serve(std::future::pending()));
        Self {
            addr,
            fake,
            _runtime: runtime,
        }
    }

    /// Runs `consign` with this server's address, told by the settings.
    pub(crate) fn consign(&self, arguments: &[&str]) -> Output {
        let mut command = bare(arguments);
        command.env("CONSIGN_HTTP_ADDR", self.addr.to_string());
        command.output().unwrap()
    }

    pub(crate) fn ids(&self) -> Vec<u64> {
        self.fake.records.lock().unwrap().keys().copied().collect()
    }
}

pub(crate) fn entry(id: u64, area: DlqArea, kind: &str) -> DlqEntry {
    let event =
        format!(r#"{{"specversion":"1.0","id":"e{id}","source":"/s","type":"{kind}","data":1e2}}"#);
    DlqEntry {
        summary: DlqSummary {
            sink: None,
            id,
            area,
            subject: format!("consign.events.single.{kind}"),
            event_type: kind.to_owned(),
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
        },
        event: event.into(),
    }
}

#[async_trait]
impl DeadLetters for Fake {
    async fn list(&self, query: &DlqQuery) -> Result<DlqPage, DlqTrouble> {
        let all = self.records.lock().unwrap();
        let wanted = |entry: &&DlqEntry| {
            let summary = &entry.summary;
            query.areas.contains(&summary.area)
                && query.after.is_none_or(|after| summary.id > after)
                && query
                    .subject
                    .as_ref()
                    .is_none_or(|pattern| pattern.matches(&summary.subject))
        };
        let mut records: Vec<DlqSummary> = all
            .values()
            .filter(wanted)
            .map(|entry| entry.summary.clone())
            .collect();
        let more = records.len() > query.limit;
        records.truncate(query.limit);
        Ok(DlqPage {
            next: records.last().map(|record| record.id).filter(|_| more),
            records,
            totals: Some(DlqTotals {
                waiting: all.len() as u64,
                bytes: 2048,
                oldest_age_s: 192,
                ..DlqTotals::default()
            }),
        })
    }

    async fn show(&self, id: u64) -> Result<Option<DlqEntry>, DlqTrouble> {
        Ok(self.records.lock().unwrap().get(&id).cloned())
    }

    async fn redrive(&self, which: &DlqSelection) -> Result<DlqReport, DlqTrouble> {
        let ids = match which {
            DlqSelection::Ids(ids) => ids,
            _ if self.records.lock().unwrap().is_empty() => return Ok(DlqReport::default()),
            _ => return Err(DlqTrouble::Failed("want ids".into())),
        };
        self.lots.lock().unwrap().push(ids.len());
        if ids.contains(&202) {
            std::future::pending::<()>().await;
        }
        let mut report = DlqReport::default();
        let mut records = self.records.lock().unwrap();
        for &id in ids {
            let kind = match id {
                13 => ErrorKind::Rejected,
                99 => ErrorKind::Unavailable,
                _ => {
                    records.remove(&id);
                    report.stored += 1;
                    continue;
                }
            };
            report.left += 1;
            report.failed.push(DlqFailure {
                id,
                kind,
                reason: "publish to jetstream\u{1b}[2J".into(),
            });
        }
        Ok(report)
    }

    async fn drop_record(&self, id: u64) -> Result<bool, DlqTrouble> {
        Ok(self.records.lock().unwrap().remove(&id).is_some())
    }
}

#[async_trait]
impl Intake for Fake {
    async fn accept(&self, _events: Vec<Event>) -> Vec<Result<Accepted, SinkError>> {
        Vec::new()
    }
}

impl Status for Fake {
    fn started(&self) -> bool {
        true
    }

    fn readiness(&self) -> Readiness {
        Readiness {
            ready: true,
            degraded: self.degraded.lock().unwrap().clone(),
        }
    }

    fn status(&self) -> Value {
        self.status.lock().unwrap().clone()
    }

    fn metrics(&self) -> String {
        "# EOF\n".into()
    }

    fn jwks(&self) -> String {
        r#"{"keys":[]}"#.into()
    }
}
