//! The wrapper around another sink.

use std::sync::Arc;

use events_core::{ErrorKind, Event, EventSinkExt, MemorySink, Outcome};
use serde_json::json;
use sink_redact::RedactSink;
use sink_testkit::wrapper::{self, Features};

use crate::support::{SECRET, event, redactor};

#[tokio::test]
async fn it_is_a_wrapper_like_any_other() {
    let features = Features {
        changes: Some(
            event()
                .json(&json!({"a": SECRET}).to_string())
                .build()
                .unwrap(),
        ),
        ..Features::default()
    };
    let wrap = |inner| RedactSink::new(inner, Arc::new(redactor()));
    wrapper::all(wrap, features).await.unwrap();
}

#[test]
fn display_nests() {
    let sink = RedactSink::new(MemorySink::default(), Arc::new(redactor()));
    assert_eq!(sink.to_string(), "redact(memory)");
    assert_eq!(
        RedactSink::new(sink, Arc::new(redactor())).to_string(),
        "redact(redact(memory))"
    );
}

#[tokio::test]
async fn what_is_delivered_holds_no_secret_and_names_the_policy() {
    let memory = MemorySink::default();
    let redactor = Arc::new(redactor());
    let sink = RedactSink::new(memory.clone(), Arc::clone(&redactor));
    let secret = event()
        .json(&json!({"a": SECRET}).to_string())
        .build()
        .unwrap();
    let refused = Event::builder("1", "/", SECRET).build().unwrap();
    let results = sink
        .send_all(vec![secret, refused, event().build().unwrap()])
        .await;
    assert!(matches!(&results[0], Ok(Outcome::Delivered(_))));
    assert_eq!(results[1].as_ref().unwrap_err().kind(), ErrorKind::Invalid);
    assert!(results[2].is_ok());
    let events = memory.events();
    assert_eq!(events.len(), 2);
    for event in events {
        let text = String::from_utf8(event.bytes().to_vec()).unwrap();
        assert!(!text.contains(SECRET), "{text}");
        let policy = event.attributes().extension("redactpolicy").unwrap();
        assert_eq!(policy.as_str(), Some(&*redactor.policy()));
    }
}

#[test]
fn a_tenant_taken_from_the_data_is_guarded() {
    let sink = RedactSink::new(MemorySink::default(), Arc::new(redactor()));
    let event = event()
        .json(&json!({"tenantId": SECRET}).to_string())
        .build()
        .unwrap();
    let error = sink.seal(vec![event]).remove(0).unwrap_err();
    assert!(!format!("{error:?}").contains(SECRET));
    assert_eq!(error.kind(), ErrorKind::Invalid);
}
