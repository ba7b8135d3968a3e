//! The page of metrics names every one that a daemon has, whatever it is set to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::support::{Broker, Daemon, ENSURE, event, until};

#[test]
fn the_page_names_every_metric() {
    let broker = Broker::start();
    let url = broker.url();
    let mut families = BTreeMap::new();
    let store = tempfile::tempdir().unwrap();
    let store = format!("sqlite:{}", store.path().join("store.sqlite").display());
    let all = [
        ("CONSIGN_NATS_URL", url.as_str()),
        ENSURE,
        ("CONSIGN_SINK", "jetstream,store,log"),
        ("CONSIGN_STORE_URL", &store),
        ("CONSIGN_NODE_NAME", "n1"),
        ("CONSIGN_K8S_EVENTS", "on"),
        ("CONSIGN_K8S_API", "http://127.0.0.1:9"),
        ("CONSIGN_K8S_NAMESPACE", "agents"),
        ("CONSIGN_K8S_POD", "gateway-0"),
    ];
    for settings in [&[][..], &all] {
        let dir = tempfile::tempdir().unwrap();
        let daemon = Daemon::start(dir.path(), settings);
        if !settings.is_empty() {
            until(&daemon, Duration::from_secs(30), |status| {
                status["nats"]["connected"] == true
            });
        }
        let mut client = daemon.client();
        let data = r#"{"password":"hunter2"}"#;
        assert_eq!(client.post(&event("1", data)).unwrap().status, 204);
        assert_eq!(client.post("{}").unwrap().status, 400);
        read(&client.get("/metrics").unwrap().body, &mut families);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/metrics.md");
    let page = page(&families);
    if option_env!("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        page,
        "run UPDATE_DOCS=1 cargo test -p supervisor metrics_page"
    );
}

/// What is said of one metric.
#[derive(Default)]
struct Family {
    help: String,
    kind: String,
    labels: BTreeSet<String>,
}

/// Reads families and their labels out of the text form.
fn read(metrics: &str, families: &mut BTreeMap<String, Family>) {
    let mut name = String::new();
    for line in metrics.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (family, help) = rest.split_once(' ').unwrap();
            name = family.to_owned();
            families.entry(name.clone()).or_default().help = help.trim_end_matches('.').to_owned();
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (family, kind) = rest.split_once(' ').unwrap();
            families.entry(family.to_owned()).or_default().kind = kind.to_owned();
        } else if let Some((_, rest)) = line.split_once('{') {
            let (labels, _) = rest.split_once('}').unwrap();
            let labels = labels
                .split("\",")
                .filter_map(|label| label.split_once('='));
            let labels = labels.map(|(label, _)| label.to_owned());
            let known = families.get_mut(&name).unwrap();
            known.labels.extend(labels.filter(|label| label != "le"));
        }
    }
}

fn page(families: &BTreeMap<String, Family>) -> String {
    let mut page = "# Metrics\n\n\
        <!-- Made from a running daemon; `UPDATE_DOCS=1 cargo test -p supervisor metrics_page` \
        writes it anew. -->\n\n\
        What `GET /metrics` tells, in Prometheus's text format, or in OpenMetrics' where that is \
        asked for. No label\nholds an id, a tenant or a subject, so there are at most a few hundred \
        series. A metric is there where the\ndaemon has what it tells of: the breaker with a broker, \
        the spool where there is one.\n\n\
        | Metric | Type | Labels | What it tells |\n|---|---|---|---|\n"
        .to_owned();
    for (name, family) in families {
        let Family { help, kind, labels } = family;
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        let labels = labels.join(", ");
        writeln!(page, "| `{name}` | {kind} | {labels} | {help} |").unwrap();
    }
    page
}
