//! What waits in a spool while its sink is not listed, and without a supervisor.

use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use events_http::{DlqReport, DlqSelection};
use supervisor::settings::Settings;
use tokio::runtime::Runtime;

use crate::support::{Broker, Daemon, ENSURE, drained, event, sqlite3, until};

#[test]
fn a_spool_that_no_sink_has_is_told_of_and_can_be_redriven_to_its_sink_alone() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let broker = Broker::start();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let hanging = format!("postgres://u:p@{}/d", silent.local_addr().unwrap());
    let list = ("CONSIGN_SINK", "jetstream,store:required:300ms");
    let settings = [ENSURE, list, ("CONSIGN_STORE_URL", &*hanging)];
    let daemon = Daemon::connected(&data, &broker.url(), &settings);
    for id in ["1", "2"] {
        let answer = daemon.client().post(&event(id, "{}")).unwrap();
        assert_eq!(answer.header("consign-outcome"), Some("delivered"));
    }
    daemon.kill();

    let (_, log) = Daemon::with_broker(&data, &broker.url(), &[]).stop();
    assert!(log.contains("a spool that no sink has now"), "{log}");
    assert!(log.contains("data/spool-store"), "{log}");

    // A chain without a store does not take what waits for one, wherever it lies.
    let without = settings_of(&[
        ("CONSIGN_DATA_DIR", data.to_str().unwrap()),
        ("CONSIGN_NATS_URL", &broker.url()),
    ]);
    let copy = data.join("copy");
    std::fs::rename(data.join("spool-store"), &copy).unwrap();
    let refused =
        Runtime::new()
            .unwrap()
            .block_on(supervisor::redrive(without, &copy, &DlqSelection::All));
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("no sink of this chain"), "{refused}");
    std::fs::rename(&copy, data.join("spool-store")).unwrap();

    let file = dir.path().join("store.sqlite");
    let settings = settings_of(&[
        ("CONSIGN_DATA_DIR", data.to_str().unwrap()),
        ("CONSIGN_NATS_URL", &broker.url()),
        ("CONSIGN_STORE_URL", &format!("sqlite:{}", file.display())),
    ]);
    let report = redriven(settings, &data.join("spool-store"));
    assert_eq!((report.stored, report.left), (2, 0), "{report:?}");
    assert_eq!(sqlite3(&file, "SELECT count(*) FROM agent_events"), "2");
    assert_eq!(broker.stored("CONSIGN_EVENTS").len(), 2);
}

#[test]
fn what_waits_for_a_store_goes_to_a_store_though_a_broker_is_added() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
    let away = format!("postgres://u:p@{}/d", nobody.unwrap());
    let daemon = Daemon::start(
        &data,
        &[("CONSIGN_SINK", "store"), ("CONSIGN_STORE_URL", &away)],
    );
    for id in ["1", "2"] {
        let answer = daemon.client().post(&event(id, "{}")).unwrap();
        assert_eq!(answer.header("consign-outcome"), Some("spilled"));
    }
    daemon.kill();

    let broker = Broker::start();
    let file = dir.path().join("store.sqlite");
    let url = format!("sqlite:{}", file.display());
    let list = ("CONSIGN_SINK", "jetstream,store");
    let settings = [ENSURE, list, ("CONSIGN_STORE_URL", &url)];
    let daemon = Daemon::connected(&data, &broker.url(), &settings);
    until(&daemon, Duration::from_secs(30), drained);
    assert_eq!(sqlite3(&file, "SELECT count(*) FROM agent_events"), "2");
    assert_eq!(broker.stored("CONSIGN_EVENTS").len(), 0);
}

#[test]
fn history_is_read_from_what_has_to_have_everything() {
    let dir = tempfile::tempdir().unwrap();
    let mut broker = Broker::start();
    let url = format!("sqlite:{}", dir.path().join("store.sqlite").display());
    let list = ("CONSIGN_SINK", "jetstream:best-effort,store");
    let settings = [ENSURE, list, ("CONSIGN_STORE_URL", &url)];
    let daemon = Daemon::connected(&dir.path().join("data"), &broker.url(), &settings);
    let mut client = daemon.client();
    assert_eq!(client.post(&event("1", "{}")).unwrap().status, 204);
    broker.kill();
    assert_eq!(client.post(&event("2", "{}")).unwrap().status, 204);
    let found = client.get("/v1/events").unwrap();
    assert_eq!(
        (found.status, found.body.lines().count()),
        (200, 2),
        "{}",
        found.body
    );
}

fn settings_of(set: &[(&str, &str)]) -> Settings {
    let lookup = |name: &str| {
        let found = set.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    Settings::from_lookup(&lookup, &[]).unwrap().0
}

fn redriven(settings: Settings, dir: &Path) -> DlqReport {
    let runtime = Runtime::new().unwrap();
    let redrive = supervisor::redrive(settings, dir, &DlqSelection::All);
    runtime.block_on(redrive).unwrap()
}
