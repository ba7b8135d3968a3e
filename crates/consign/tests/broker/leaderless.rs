//! Streams without a leader, and a cluster without one.

use std::process::Output;
use std::time::{Duration, Instant};

use sink_testkit::nats::Cluster;

use crate::rig::{bare, err, ok, out};

/// How long a command may take that has something to say.
const SOON: Duration = Duration::from_secs(20);

fn consign(server: &str, arguments: &[&str]) -> Output {
    let begun = Instant::now();
    let mut command = bare(&[arguments, &["--server", server]].concat());
    command.env("CONSIGN_DATA_DIR", "/nowhere");
    let output = command.output().unwrap();
    assert!(begun.elapsed() < SOON, "{arguments:?} {output:?}");
    output
}

#[test]
fn what_nobody_leads_is_told_and_nothing_hangs() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let mut cluster = runtime.block_on(Cluster::start()).unwrap();
    let urls = cluster.urls();
    ok(&consign(&urls[0], &["stream", "ensure"]));
    let alone = runtime.block_on(cluster.wait_leader_of("CONSIGN_AUDIT"));
    let alone = alone.unwrap();
    let (url, other) = (&urls[(alone + 1) % 3], (alone + 2) % 3);

    // A stream whose only server is gone, in a cluster that goes on.
    runtime.block_on(async {
        cluster.kill(alone).await.unwrap();
        cluster.wait_ready().await.unwrap();
    });
    let list = consign(url, &["stream", "ls"]);
    let table = ok(&list);
    let row = |name: &str| table.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(row("CONSIGN_AUDIT ").ends_with("  NO LEADER"), "{table}");
    assert!(
        err(&list).contains("next: consign stream verify"),
        "{list:?}"
    );
    let doctor = consign(url, &["doctor"]);
    assert_eq!(doctor.status.code(), Some(3), "{doctor:?}");
    let line = "FAIL  stream CONSIGN_AUDIT  NO LEADER";
    assert!(out(&doctor).lines().any(|said| said == line), "{doctor:?}");

    // The cluster itself, which takes a while to notice.
    runtime.block_on(cluster.kill(other)).unwrap();
    let begun = Instant::now();
    while consign(url, &["consumers"]).status.code() != Some(69) {
        assert!(begun.elapsed() < 6 * SOON, "it goes on without a quorum");
    }
    for (arguments, code) in [
        (&["stream", "ls"][..], 69),
        (&["stream", "info", "CONSIGN_AUDIT"], 69),
        (&["stream", "ensure"], 69),
        (&["replay", "--limit", "3"], 69),
        (&["status"], 1),
        (&["doctor"], 3),
    ] {
        let output = consign(url, arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {output:?}");
        let said = out(&output) + &err(&output);
        assert!(said.contains("NO LEADER"), "{arguments:?} {said}");
    }
}
