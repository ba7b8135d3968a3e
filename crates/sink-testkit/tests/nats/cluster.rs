use std::time::Duration;

use sink_testkit::nats::Cluster;
use tokio::time::timeout;

use crate::Client;

const STREAM: &str = r#"{"name":"KEPT","subjects":["kept.>"],"num_replicas":3}"#;

#[tokio::test]
async fn a_stream_of_three_outlives_its_leader_and_waits_for_a_quorum() {
    let Some(mut cluster) = Cluster::start_or_skip().await else {
        return;
    };
    let urls = cluster.urls();
    let mut created = ask(&cluster, 0, "$JS.API.STREAM.CREATE.KEPT", STREAM).await;
    // A leader that was elected a moment ago may not know yet what room its peers have.
    for _ in 0..50 {
        if !created.contains("no suitable peers") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        created = ask(&cluster, 0, "$JS.API.STREAM.CREATE.KEPT", STREAM).await;
    }
    // Not `did_create`: the answer to an earlier ask may have been let go by.
    let is_there = created.contains("\"name\":\"KEPT\"") && !created.contains("\"error\"");
    assert!(is_there, "{created}");
    let first = cluster.wait_leader_of("KEPT").await.unwrap();
    assert_eq!(cluster.leader_of("NONE").await, None);
    cluster.stop(first).await.unwrap();
    let second = cluster.wait_leader_of("KEPT").await.unwrap();
    assert_ne!(second, first);
    let stored = ask(&cluster, second, "kept.a", "hello").await;
    assert!(stored.contains("\"seq\":1"), "{stored}");
    cluster.restart(first).await.unwrap();
    cluster.wait_ready().await.unwrap();
    assert_eq!(cluster.urls(), urls);
    cluster.wait_in_sync("KEPT").await.unwrap();
    cluster.kill(first).await.unwrap();
    cluster.kill(second).await.unwrap();
    cluster.restart(first).await.unwrap();
    cluster.wait_ready().await.unwrap();
    let leader = cluster.wait_leader_of("KEPT").await.unwrap();
    assert_ne!(leader, second);
    let info = ask(&cluster, leader, "$JS.API.STREAM.INFO.KEPT", "").await;
    assert!(info.contains("\"messages\":1"), "{info}");
}

/// Asks until there is an answer: a server that leads since a moment ago may let one go by.
async fn ask(cluster: &Cluster, index: usize, subject: &str, body: &str) -> String {
    loop {
        let mut client = Client::connect(cluster.urls().get(index).unwrap()).await;
        let asked = client.ask(subject, body);
        if let Ok(answer) = timeout(Duration::from_millis(500), asked).await {
            return answer;
        }
    }
}
