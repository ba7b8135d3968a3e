//! The sink against an API server of ours that records, refuses, hangs and reads back.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kubectl;
mod limits;
mod manifests;
mod paces;
mod secrets;
mod series;
mod troubles;

use events_core::{Event, EventSinkExt as _, Place};
use kube_client::{Client, Config as KubeConfig};
use sink_k8s::{Config, K8sSink, Regarding};
use sink_testkit::kubernetes::ApiServer;

/// A sink that tells the server, as `change` has it.
fn sink(server: &ApiServer, change: impl FnOnce(&mut Config)) -> K8sSink {
    // Another crate's tests bring a second provider into the build, and rustls does not choose.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let mut kube = KubeConfig::new(server.url().parse().unwrap());
    kube.default_retry = false;
    let pod = Regarding::pod("agents", "gateway-0", Some("5a2c9f3e")).unwrap();
    let mut config = Config::new(pod);
    config.backoff.base = std::time::Duration::from_millis(1);
    change(&mut config);
    K8sSink::new(Client::try_from(kube).unwrap(), config)
}

/// An event about `tool` that is told.
fn crash(id: &str, tool: &str) -> Event {
    let event = Event::builder(id, "/nodes/a", "tool.crashed").subject(tool);
    let data = format!(r#"{{"tool":"hidden","error":"out of memory {id}","restart_count":3}}"#);
    event.json(&data).build().unwrap()
}

/// Sends it; the answer never says more than this.
async fn send(sink: &K8sSink, event: Event) {
    let outcome = sink.send(event).await.unwrap();
    assert_eq!(outcome.receipt().place(), &Place::Noop);
}
