//! A cluster of three: leaders die in a loop, the quorum is lost and comes back.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sink_testkit::nats::Cluster;
use tokio::runtime::Runtime;

use crate::support::{
    Daemon, ENSURE, Stored, audited_stream, counted, drained, event, stored, until,
};

#[test]
fn fb6_fb7_leaders_die_and_the_quorum_is_lost_and_nothing_else() {
    let runtime = Runtime::new().unwrap();
    let mut cluster = runtime.block_on(Cluster::start()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let urls = cluster.urls().join(",");
    let settings = [ENSURE, ("CONSIGN_STREAM_REPLICAS", "3")];
    let daemon = Daemon::with_broker(dir.path(), &urls, &settings);
    until(&daemon, PATIENCE, |status| {
        let streams = status["streams"].as_array().unwrap();
        !streams.is_empty() && streams.iter().all(|stream| stream["state"] != "missing")
    });
    let done = AtomicBool::new(false);
    let accepted = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for sender in 0..4 {
            let (done, accepted, daemon) = (&done, &accepted, &daemon);
            scope.spawn(move || {
                let mut client = daemon.client();
                for n in 0.. {
                    if done.load(Ordering::Relaxed) {
                        return;
                    }
                    let id = format!("{sender}-{n}");
                    let answer = client.post(&event(&id, "{}")).unwrap();
                    assert_eq!(answer.status, 204, "{}", answer.body);
                    accepted.lock().unwrap().push(id);
                    std::thread::park_timeout(Duration::from_millis(5));
                }
            });
        }
        runtime.block_on(torment(&mut cluster));
        done.store(true, Ordering::Relaxed);
    });
    let accepted = accepted.into_inner().unwrap();
    until(&daemon, PATIENCE, drained);
    let messages = runtime.block_on(read(&cluster));
    let counts = counted(&messages);
    assert_eq!(counts.len(), accepted.len());
    assert!(
        accepted
            .iter()
            .all(|id| counts.get(id.as_str()) == Some(&1)),
        "lost or doubled"
    );
    let report = audited_stream(dir.path(), &messages);
    assert_eq!(report.findings(), 0, "{:?}", report.faults);
    assert!(daemon.stop().0.success());
}

/// Three leaders in turn, then two of three at once.
async fn torment(cluster: &mut Cluster) {
    for _ in 0..3 {
        let leader = cluster.wait_leader_of(STREAM).await.unwrap();
        cluster.kill(leader).await.unwrap();
        cluster.wait_leader_of(STREAM).await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        cluster.restart(leader).await.unwrap();
    }
    let leader = cluster.wait_leader_of(STREAM).await.unwrap();
    let follower = (leader + 1) % 3;
    cluster.kill(leader).await.unwrap();
    cluster.kill(follower).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    cluster.restart(leader).await.unwrap();
    cluster.restart(follower).await.unwrap();
    cluster.wait_leader_of(STREAM).await.unwrap();
}

async fn read(cluster: &Cluster) -> Vec<Stored> {
    let client = async_nats::connect(cluster.urls()).await.unwrap();
    stored(&async_nats::jetstream::new(client), STREAM).await
}

const STREAM: &str = "CONSIGN_EVENTS";
const PATIENCE: Duration = Duration::from_secs(90);
