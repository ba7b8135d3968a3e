//! Kubernetes is told of warnings and errors, as far as it listens.

use sink_testkit::kubernetes::{ApiServer, Fault};
use tokio::runtime::Runtime;

use super::sink;
use crate::support::{Daemon, journal, lines, status};

const POD: [(&str, &str); 4] = [
    ("CONSIGN_K8S_EVENTS", "on"),
    ("POD_NAMESPACE", "agents"),
    ("POD_NAME", "gateway-0"),
    ("POD_UID", "5a2c9f3e"),
];

#[test]
fn warnings_and_errors_become_events_of_the_pod_and_bursts_are_counted() {
    let runtime = Runtime::new().unwrap();
    let api = runtime.block_on(ApiServer::start());
    let dir = tempfile::tempdir().unwrap();
    let more = [
        ("CONSIGN_K8S_API", api.url()),
        ("CONSIGN_K8S_RATE", "2/10m"),
    ];
    let daemon = Daemon::start(dir.path(), &[&POD[..], &more].concat());
    let stack = "sign(redact(fanout(dlq(journal), k8s, log)))";
    assert_eq!(status(&daemon)["stack"], stack);
    let mut client = daemon.client();
    for (id, kind) in [
        ("1", "tool.crashed"),
        ("2", "tool.started"),
        ("3", "run.failed"),
        ("4", "node.failed"),
    ] {
        assert_eq!(client.post(&event(id, kind)).unwrap().status, 204);
    }
    runtime.block_on(api.until(|api| api.events().len() == 2));
    let (exit, log) = daemon.stop();
    assert!(exit.success(), "{log}");
    assert_eq!(api.complaints(), [""; 0]);
    let mut reasons: Vec<String> = Vec::new();
    for event in api.events() {
        assert_eq!(event["regarding"]["name"], "gateway-0", "{event}");
        assert_eq!(event["regarding"]["uid"], "5a2c9f3e", "{event}");
        assert!(!event["note"].as_str().unwrap().contains("hunter2"));
        reasons.push(event["reason"].as_str().unwrap().to_owned());
    }
    reasons.sort();
    assert_eq!(reasons, ["RunFailed", "ToolCrashed"]);
    assert_eq!(journal(dir.path()).len(), 4);
}

#[test]
fn an_api_server_that_hangs_or_is_away_harms_nobody() {
    let runtime = Runtime::new().unwrap();
    let api = runtime.block_on(ApiServer::start());
    api.fails(Some(Fault::Hangs));
    let gone = "http://127.0.0.1:9";
    for url in [api.url(), gone] {
        let dir = tempfile::tempdir().unwrap();
        let more = [("CONSIGN_K8S_API", url), ("CONSIGN_SHUTDOWN_GRACE", "4s")];
        let daemon = Daemon::start(dir.path(), &[&POD[..], &more].concat());
        let mut client = daemon.client();
        for id in 0..50 {
            let answer = client
                .post(&event(&id.to_string(), "tool.crashed"))
                .unwrap();
            assert_eq!(answer.header("consign-outcome"), Some("delivered"));
        }
        assert_eq!(client.get("/readyz").unwrap().status, 200);
        assert_eq!(sink(&status(&daemon), "k8s")["failed"], 0);
        let (exit, log) = daemon.stop();
        assert!(exit.success(), "{log}");
        assert_eq!(lines(dir.path()).len(), 50);
    }
}

#[test]
fn without_a_cluster_nobody_is_told_and_having_to_is_a_mistake() {
    let dir = tempfile::tempdir().unwrap();
    let (exit, said) = Daemon::run(dir.path(), &[("CONSIGN_K8S_EVENTS", "on")]);
    assert_eq!(exit, Some(78), "{said}");
    for name in ["CONSIGN_K8S_API", "CONSIGN_K8S_POD"] {
        assert!(said.contains(name), "{said}");
    }
    let off = [
        ("CONSIGN_K8S_EVENTS", "off"),
        ("CONSIGN_K8S_API", "http://127.0.0.1:9"),
    ];
    let daemon = Daemon::start(dir.path(), &off);
    assert_eq!(status(&daemon)["stack"], "dlq(sign(redact(journal)))");
}

fn event(id: &str, kind: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"/test","type":"{kind}","data":{{"error":"at amqp://bob:hunter2@h"}}}}"#
    )
}
