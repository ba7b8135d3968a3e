use std::sync::Arc;

use events_core::{Claim, Draft, Event, EventSink as _, EventSinkExt as _, Settle};
use sink_redact::{Config, RedactSink, Redactor, TokenKey};
use sink_testkit::kubernetes::ApiServer;

use crate::sink;

#[tokio::test]
async fn behind_redaction_no_secret_reaches_the_api() {
    let server = ApiServer::start().await;
    let sink = sink(&server, |_| {});
    let redactor = Redactor::new(Config::builtin(TokenKey::new([7; 32]))).unwrap();
    let chain = RedactSink::new(sink.clone(), Arc::new(redactor));
    assert_eq!(chain.to_string(), "redact(k8s)");

    let url = "amqp://bob:canary-7f3a9c51@broker/";
    let data = format!(r#"{{"error":"no route to {url}","password":"canary-7f3a9c51"}}"#);
    let event = Event::builder("1", "/nodes/a", "tool.crashed");
    let event = event
        .subject(url)
        .extension("k8skind", "Job")
        .extension("k8sname", url);
    let _nowhere = chain
        .send(event.json(&data).build().unwrap())
        .await
        .unwrap();
    sink.flush().await;

    let told = server.events();
    let note = told[0]["note"].as_str().unwrap();
    assert!(
        note.contains("no route to") && note.contains("[REDACTED:"),
        "{note}"
    );
    assert!(!told[0].to_string().contains("canary"), "{}", told[0]);
}

#[tokio::test]
async fn a_number_is_not_kept_by_being_told() {
    let server = ApiServer::start().await;
    let sink = sink(&server, |_| {});
    let signer = Arc::new(Settled::default());
    let mut event = Event::builder("1", "/a", "run.failed").build().unwrap();
    event.set_claim(Claim::new(signer.clone(), 1));
    let mut drafts: Vec<Draft> = vec![Ok(event)];
    sink.prepare(&mut drafts);
    let event = drafts.remove(0).unwrap();
    let _nowhere = sink.send(event).await.unwrap();
    sink.flush().await;
    assert_eq!(sink.counts().created, 1);
    assert_eq!(*signer.0.lock().unwrap(), ["void 1"]);
}

/// A signer that remembers what became of its numbers.
#[derive(Debug, Default)]
struct Settled(std::sync::Mutex<Vec<String>>);

impl Settle for Settled {
    fn kept(&self, number: u64) {
        self.0.lock().unwrap().push(format!("kept {number}"));
    }

    fn void(&self, number: u64) {
        self.0.lock().unwrap().push(format!("void {number}"));
    }
}
