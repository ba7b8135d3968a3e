//! The same events in the journal, in SQLite, in PostgreSQL and in streams: the same questions get
//! the same answers.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use events_core::time::now;
use serde_json::Value;
use sink_testkit::nats::{Direction, Fault, Proxy};
use sink_testkit::postgres::Postgres;
use tokio::runtime::Runtime;

use crate::support::{Broker, Client, Daemon, ENSURE};

#[test]
fn the_journal_answers() {
    let dir = tempfile::tempdir().unwrap();
    answers(&Daemon::start(dir.path(), &[]));
}

#[test]
fn a_store_in_sqlite_answers_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("store.sqlite").display());
    answers(&stored(&dir.path().join("data"), &url));
}

#[test]
fn a_store_in_postgresql_answers_the_same() {
    let runtime = Runtime::new().unwrap();
    let Some(server) = runtime.block_on(Postgres::start_or_skip()) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    answers(&stored(dir.path(), &server.url("postgres")));
    let _entered = runtime.enter();
    drop(server);
}

#[test]
fn streams_answer_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start();
    answers(&Daemon::connected(dir.path(), &broker.url(), &[ENSURE]));
}

#[test]
fn streams_of_a_slow_broker_answer_the_same_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start();
    let proxy = Proxy::start(&broker.url()).unwrap();
    let daemon = Daemon::connected(dir.path(), &proxy.url(), &[ENSURE]);
    let slow = Duration::from_millis(1)..=Duration::from_millis(10);
    proxy.set(Direction::ToClient, Fault::Delay(slow, 7));
    answers(&daemon);
    proxy.freeze();
    let answer = daemon.client().get("/v1/events?limit=5").unwrap();
    assert_eq!(answer.status, 503, "{}", answer.body);
}

fn stored(data: &Path, url: &str) -> Daemon {
    Daemon::start(
        data,
        &[("CONSIGN_SINK", "store"), ("CONSIGN_STORE_URL", url)],
    )
}

/// An event as it was handed over.
struct Sent {
    id: String,
    kind: &'static str,
    source: &'static str,
    tenant: &'static str,
    subject: String,
}

impl Sent {
    fn new(number: usize) -> Self {
        let (kind, class) = [("run.done", "events"), ("audit.login", "audit")][number / 2 % 2];
        let tenant = ["acme", "initech", "single"][number % 3];
        let rest = kind.strip_prefix("audit.").unwrap_or(kind);
        Self {
            id: number.to_string(),
            kind,
            source: ["/a", "/b"][number / 5 % 2],
            tenant,
            subject: format!("consign.{class}.{tenant}.{rest}"),
        }
    }

    fn text(&self) -> String {
        let Self {
            id,
            kind,
            source,
            tenant,
            ..
        } = self;
        format!(
            r#"{{"specversion":"1.0","id":"{id}","source":"{source}","type":"{kind}","tenantid":"{tenant}"}}"#
        )
    }
}

/// Hands over events and asks for them in every way there is.
fn answers(daemon: &Daemon) {
    let mut client = daemon.client();
    let sent: Vec<Sent> = (0..EVENTS).map(Sent::new).collect();
    let mut times = Vec::new();
    for (number, event) in sent.iter().enumerate() {
        if number % (EVENTS / 4) == 0 {
            times.push(now());
        }
        assert_eq!(client.post(&event.text()).unwrap().status, 204);
    }
    let mut check = |query: &str, wanted: &dyn Fn(usize, &Sent) -> bool, limit: usize| {
        let wanted = sent
            .iter()
            .enumerate()
            .filter(|(number, event)| wanted(*number, event));
        let ids: Vec<&str> = wanted.map(|(_, event)| event.id.as_str()).collect();
        let newest = &ids[ids.len().saturating_sub(limit)..];
        assert_eq!(asked(&mut client, query), newest, "{query}");
    };
    check("limit=1000", &|_, _| true, EVENTS);
    check("limit=7", &|_, _| true, 7);
    check(
        "type=audit.login&limit=5",
        &|_, event| event.kind == "audit.login",
        5,
    );
    check("type=none", &|_, _| false, 1);
    check("source=/b&limit=9", &|_, event| event.source == "/b", 9);
    check("tenant=acme", &|_, event| event.tenant == "acme", EVENTS);
    check(
        "tenant=acme&type=run.done&limit=2",
        &|_, event| event.tenant == "acme" && event.kind == "run.done",
        2,
    );
    check(
        "subject=consign.audit.%3E",
        &|_, event| event.subject.starts_with("consign.audit."),
        EVENTS,
    );
    check(
        "subject=consign.*.initech.*&limit=3",
        &|_, event| event.subject == "consign.audit.initech.login",
        3,
    );
    check(
        "subject=consign.events.single.run.done",
        &|_, event| event.subject == "consign.events.single.run.done",
        EVENTS,
    );
    let (second, third, fourth) = (moment(times[1]), moment(times[2]), moment(times[3]));
    let quarter = EVENTS / 4;
    check(
        &format!("since={fourth}"),
        &|number, _| number >= 3 * quarter,
        EVENTS,
    );
    check(
        &format!("until={second}&limit=4"),
        &|number, _| number < quarter,
        4,
    );
    check(
        &format!("since={second}&until={third}"),
        &|number, _| number / quarter == 1,
        EVENTS,
    );
    check(
        &format!("since={second}&until={fourth}&tenant=single&limit=3"),
        &|number, event| (1..3).contains(&(number / quarter)) && event.tenant == "single",
        3,
    );
}

fn asked(client: &mut Client, query: &str) -> Vec<String> {
    let answer = client.get(&format!("/v1/events?{query}")).unwrap();
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    let ids = answer.body.lines().map(|line| {
        let event: Value = serde_json::from_str(line).unwrap();
        event["id"].as_str().unwrap().to_owned()
    });
    ids.collect()
}

fn moment(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

const EVENTS: usize = 48;
