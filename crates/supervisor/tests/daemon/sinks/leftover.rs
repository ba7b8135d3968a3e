//! What waits in a spool while its sink is not listed, and without a supervisor.

use std::net::TcpListener;
use std::path::Path;

use events_http::{DlqReport, DlqSelection};
use supervisor::settings::Settings;
use tokio::runtime::Runtime;

use crate::support::{Broker, Daemon, ENSURE, event, sqlite3};

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
