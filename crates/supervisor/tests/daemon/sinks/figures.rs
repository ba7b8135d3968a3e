use std::time::Duration;

use sink_testkit::kubernetes::ApiServer;
use tokio::runtime::Runtime;

use crate::metrics::lint;
use crate::support::{Broker, Daemon, ENSURE, event, status, until};

#[test]
fn each_sink_is_told_apart_in_status_and_metrics() {
    let runtime = Runtime::new().unwrap();
    let api = runtime.block_on(ApiServer::start());
    let broker = Broker::start();
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("store.sqlite").display());
    let settings = [
        ENSURE,
        ("CONSIGN_STORE_URL", &*url),
        ("CONSIGN_K8S_EVENTS", "on"),
        ("CONSIGN_K8S_API", api.url()),
        ("CONSIGN_K8S_RATE", "1/10m"),
        ("POD_NAMESPACE", "agents"),
        ("POD_NAME", "gateway-0"),
    ];
    let data = dir.path().join("data");
    let daemon = Daemon::connected(&data, &broker.url(), &settings);
    let stack = "sign(redact(fanout(dlq(jetstream), dlq(store), k8s, log)))";
    assert_eq!(status(&daemon)["stack"], stack);
    let mut client = daemon.client();
    for id in ["1", "2", "3"] {
        let failed = event(id, "{}").replace("test.made", &format!("run{id}.failed"));
        assert_eq!(client.post(&failed).unwrap().status, 204);
    }
    runtime.block_on(api.until(|api| api.events().len() == 1));
    until(&daemon, Duration::from_secs(10), |now| {
        now["kubernetes"]["created"] == 1 && now["kubernetes"]["dropped"]["limited"] == 2
    });
    let metrics = client.get("/metrics").unwrap().body;
    for line in [
        r#"consign_sink_events_total{sink="jetstream",outcome="delivered"} 3"#,
        r#"consign_fanout_events_total{sink="jetstream",outcome="delivered"} 3"#,
        r#"consign_fanout_events_total{sink="store",outcome="delivered"} 3"#,
        r#"consign_fanout_events_total{sink="store",outcome="spilled"} 0"#,
        r#"consign_fanout_events_total{sink="log",outcome="delivered"} 3"#,
        r#"consign_fanout_lagging_events{sink="k8s"} 0"#,
        r#"consign_dlq_events{sink="jetstream",area="waiting"} 0"#,
        r#"consign_dlq_events{sink="store",area="waiting"} 0"#,
        r#"consign_dlq_bytes{sink="store"}"#,
        r#"consign_dlq_written_total{sink="store",reason="unavailable"} 0"#,
        r#"consign_k8s_events_total{outcome="created"} 1"#,
        r#"consign_k8s_dropped_total{reason="limited"} 2"#,
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    lint(&metrics);
}
