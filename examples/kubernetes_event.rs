//! A tool crashes: the journal keeps it, and Kubernetes is told, redacted alike. The API server is
//! one that prints; in a pod it is `K8sSink::in_cluster(config)?`, with the pod's name, namespace
//! and uid from the downward API. `cargo run --example kubernetes_event -- ./events`

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use events_core::{Event, EventSinkExt as _, Outcome};
use events_runtime::{Child, Fanout, Need};
use http::{Method, Request, Response};
use kube_client::Client;
use kube_client::client::Body;
use sink_jsonl::{Journal, JsonlSink};
use sink_k8s::{Config, Dropped, K8sSink, Regarding};
use sink_redact::{Config as Redaction, RedactSink, Redactor, TokenKey};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let name_one = "name a directory for the events";
    let dir = PathBuf::from(std::env::args_os().nth(1).ok_or(name_one)?);
    let server = tower::service_fn(print);
    let pod = Regarding::pod("agents", "gateway-0", Some("5a2c9f3e"))?;
    let kubernetes = K8sSink::new(Client::new(server, "agents"), Config::new(pod));

    // An event is stored where the journal has it. What Kubernetes misses, fails nothing.
    let deadline = Duration::from_secs(5);
    let journal = Arc::new(JsonlSink::new(Journal::open(
        dir.join("journal"),
        Default::default(),
    )?));
    let children = vec![
        Child {
            name: "journal".into(),
            sink: journal,
            need: Need::Required,
            deadline,
        },
        Child {
            name: "k8s".into(),
            sink: Arc::new(kubernetes.clone()),
            need: Need::BestEffort,
            deadline,
        },
    ];
    let tokens = TokenKey::load_or_create(&dir.join("redact.key"))?;
    let redactor = Arc::new(Redactor::new(Redaction::builtin(tokens))?);
    let chain = RedactSink::new(Fanout::new(children)?, redactor);
    println!("chain {chain}");

    for restarts in 0..3 {
        let error = "connect to amqp://bob:hunter2@broker";
        let data = format!(r#"{{"tool":"search","error":"{error}","restart_count":{restarts}}}"#);
        let event = Event::builder(&format!("crash-{restarts}"), "/host", "tool.crashed");
        let event = event.subject("search").json(&data).build()?;
        let (Outcome::Delivered(receipt) | Outcome::Spilled(receipt)) = chain.send(event).await?;
        println!("stored {:?}", receipt.place());
    }
    kubernetes.flush().await;
    let counts = kubernetes.counts();
    let limited = counts.dropped_for(Dropped::Limited);
    println!(
        "created {}, repeated {}, limited {limited}",
        counts.created, counts.repeated
    );
    Ok(())
}

/// An API server that prints what is created and echoes.
async fn print(request: Request<Body>) -> Result<Response<Body>, kube_client::Error> {
    let created = request.method() == Method::POST;
    let body = request.into_body().collect_bytes().await?;
    if created {
        println!("kubernetes {}", String::from_utf8_lossy(&body));
    }
    Ok(Response::new(Body::from(body.to_vec())))
}
