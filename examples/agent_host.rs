//! A host with everything: when a tool panics, a subscriber, a row, a log line and Kubernetes tell
//! of it, once each, redacted. `cargo run --example agent_host -- ./events http://127.0.0.1:8001`
//! names what `kubectl proxy` serves; in a pod it is `K8sSink::in_cluster(pod)?`.
use std::{error::Error, path::PathBuf, sync::Arc};

use events_bus::{Bus, Item, Lifecycle as _, Origin, Queue, Tool, ToolCrashed};
use events_runtime::{Child, Fanout};
use futures::StreamExt as _;
use kube_client::Config as Api;
use sink_k8s::{Config, K8sSink, Regarding};
use sink_redact::{Config as Redaction, RedactSink, Redactor, TokenKey};
use sink_sign::{SignSink, Signer, SigningKey};
use sink_store::{Store, StoreSink};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().json().init();
    // A panic's own words would go to stderr as they are.
    std::panic::set_hook(Box::new(|_| ()));
    let [_, dir, api] = <[String; 3]>::try_from(Vec::from_iter(std::env::args()))
        .map_err(|_| "name a directory for the events and a Kubernetes API")?;
    let keys = PathBuf::from(&dir).join("keys");
    let signer = Signer::new(
        Arc::new(SigningKey::create_once(&keys)?),
        Default::default(),
    );
    let tokens = TokenKey::load_or_create(&keys.join("redact.key"))?;
    let redactor = Arc::new(Redactor::new(Redaction::builtin(tokens))?);

    let store = Store::open(
        format!("sqlite:{dir}/store.sqlite").parse()?,
        Default::default(),
    )?;
    let pod = Config::new(Regarding::pod("agents", "gateway-0", None)?);
    let kubernetes = K8sSink::connect(Api::new(api.parse()?), pod)?;
    let fanout = Fanout::new(vec![
        Child::required(StoreSink::new(store.clone())),
        Child::best_effort(sink_log::LogSink::default()),
        Child::best_effort(kubernetes.clone()),
    ])?;
    let chain = SignSink::new(RedactSink::new(fanout, redactor), Arc::new(signer));
    let bus = Bus::new(Arc::new(chain), Arc::default());

    let mut crashes = bus.subscribe_type("tool.crashed".parse()?, Queue::default());
    let search = Tool::new(bus.clone(), Origin::node("n1")?, "search");
    search.run(async { Ok::<_, String>(()) }).await?;
    let work = async { panic!("cannot reach amqp://bob:hunter2@broker") };
    let _panicked = tokio::spawn(async move { search.run::<(), String>(work).await }).await;
    if let Some(Item::Event(heard)) = crashes.next().await {
        let crash = ToolCrashed::read(heard.event())?;
        tracing::warn!(restarts = crash.restart_count, error = crash.error, "heard");
    }
    kubernetes.flush().await;
    Ok(store.close().await?)
}
