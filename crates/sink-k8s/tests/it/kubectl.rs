use serde_json::Value;
use sink_testkit::kubernetes::ApiServer;
use tokio::process::Command;

use crate::{crash, send, sink};

#[tokio::test]
async fn kubectl_reads_them_back() {
    if !is_there() {
        return;
    }
    let server = ApiServer::start().await;
    let sink = sink(&server, |_| {});
    for id in ["1", "2", "3"] {
        send(&sink, crash(id, "search")).await;
    }
    send(&sink, crash("4", "fetch")).await;
    sink.flush().await;

    let home = tempfile::tempdir().unwrap();
    let kubectl = async |arguments: &[&str]| {
        let mut command = Command::new("kubectl");
        command.env("HOME", home.path()).env_remove("KUBECONFIG");
        command.args(["--server", server.url(), "--namespace", "agents"]);
        command.args(arguments).kill_on_drop(true);
        let output = command.output().await.unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        String::from_utf8(output.stdout).unwrap()
    };
    let json = kubectl(&["get", "events.events.k8s.io", "-o", "json"]).await;
    let list: Value = serde_json::from_str(&json).unwrap();
    let mut read: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            (
                event["note"].as_str().unwrap(),
                event["series"]["count"].as_u64(),
            )
        })
        .collect();
    read.sort_unstable();
    let search = ("search: restart count 3: out of memory 1", Some(3));
    assert_eq!(
        read,
        [("fetch: restart count 3: out of memory 4", None), search]
    );

    let names = kubectl(&["get", "events.events.k8s.io", "-o", "name"]).await;
    assert_eq!(names.lines().count(), 2);
    assert!(
        names
            .lines()
            .all(|name| name.starts_with("event.events.k8s.io/gateway-0.")),
        "{names}"
    );
}

/// Whether there is a kubectl, which a developer's machine may lack, and one under CI may not.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn is_there() -> bool {
    let version = std::process::Command::new("kubectl")
        .args(["version", "--client"])
        .output();
    let found = version.is_ok_and(|output| output.status.success());
    assert!(found || !is_ci(), "no kubectl: run `cargo xtask tools`");
    if !found {
        eprintln!("skipped: no kubectl on PATH: run `cargo xtask tools`");
    }
    found
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests learn from the environment where they run"
)]
fn is_ci() -> bool {
    let no_ci = ["", "0", "false"];
    std::env::var("CI").is_ok_and(|value| !no_ci.contains(&value.as_str()))
}
