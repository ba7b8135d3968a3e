use serde_json::Value;
use sink_testkit::kubernetes::ApiServer;
use tokio::process::Command;

use crate::{crash, send, sink};

#[tokio::test]
async fn kubectl_reads_them_back() {
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
        command
            .env_clear()
            .env("PATH", "/usr/bin:/usr/local/bin:/bin")
            .env("HOME", home.path());
        command.args(["--server", server.url(), "--namespace", "agents"]);
        command.args(arguments).kill_on_drop(true);
        match command.output().await {
            Ok(output) => {
                let errors = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{errors}");
                Some(String::from_utf8(output.stdout).unwrap())
            }
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
                None
            }
        }
    };
    let Some(json) = kubectl(&["get", "events.events.k8s.io", "-o", "json"]).await else {
        // Without kubectl there is nobody to ask; the server's rules were kept all the same.
        assert_eq!(server.complaints(), [""; 0]);
        return;
    };
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

    let names = kubectl(&["get", "events.events.k8s.io", "-o", "name"])
        .await
        .unwrap();
    assert_eq!(names.lines().count(), 2);
    assert!(
        names
            .lines()
            .all(|name| name.starts_with("event.events.k8s.io/gateway-0.")),
        "{names}"
    );
}
