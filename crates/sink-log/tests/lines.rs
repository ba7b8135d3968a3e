//! What an event's line holds, and what its receipt is worth.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use events_core::{
    Claim, Draft, Durability, ErrorKind, Event, EventSink, EventSinkExt as _, Outcome, Settle,
    SinkError, WireEvent,
};
use events_runtime::{Child, Fanout, Need};
use serde_json::{Value, json};
use sink_log::LogSink;
use sink_testkit::leaf::{self, Features, LeafUnderTest};
use sink_testkit::{FlakySink, Log, Step, canary};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;

#[tokio::test]
async fn a_line_holds_the_attributes_by_their_names() {
    let event = Event::builder("7", "/here", "record.mcpclient.connect_attempt")
        .subject("server-3")
        .time("2026-01-01T00:00:00Z")
        .extension("component", "mcpclient")
        .extension("category", "net")
        .extension("outcome", "timeout")
        .integer_extension("severitynumber", 13)
        .extension("severitytext", "WARN")
        .extension("taskid", "t-1")
        .extension("missionid", "m-1")
        .extension("objectiveid", "o-1")
        .extension("tenantid", "acme")
        .json(r#"{"detail":"nobody there"}"#);
    let lines = said(
        "trace",
        &LogSink::new("audit::events"),
        event.build().unwrap(),
    )
    .await;
    let mut line = lines.first().unwrap().clone();
    assert_eq!(lines.len(), 1, "{lines:?}");
    line.as_object_mut().unwrap().remove("timestamp");
    let expected = json!({
        "level": "WARN", "target": "audit::events", "message": "event",
        "id": "7", "source": "/here", "type": "record.mcpclient.connect_attempt",
        "subject": "server-3", "time": "2026-01-01T00:00:00Z", "tenantid": "acme",
        "component": "mcpclient", "category": "net", "outcome": "timeout",
        "severitynumber": 13, "severitytext": "WARN",
        "taskid": "t-1", "missionid": "m-1", "objectiveid": "o-1",
    });
    assert_eq!(line, expected);
}

#[tokio::test]
async fn filters_go_by_target_and_level() {
    let debug = || {
        let event = Event::builder("1", "/here", "a").integer_extension("severitynumber", 5);
        event.build().unwrap()
    };
    for (filter, lines) in [("events=debug", 1), ("events=info", 0), ("other=debug", 0)] {
        let said = said(filter, &LogSink::default(), debug()).await;
        assert_eq!(said.len(), lines, "{filter}");
    }
}

#[tokio::test]
async fn data_is_in_no_line() {
    let log = Log::listen();
    let data = format!(r#"{{"{0}":"{0}"}}"#, canary::CANARY);
    let event = Event::builder("1", "/here", "a").json(&data).build();
    let _receipt = LogSink::default().send(event.unwrap()).await.unwrap();
    let text = log.text();
    assert!(text.contains("id=\"1\""), "{text}");
    assert!(!canary::is_in(&text), "{text}");
}

#[tokio::test]
async fn a_line_is_no_custody() {
    let signer = Arc::new(Book::default());
    let numbered = Numbered(LogSink::default(), signer.clone());
    let outcome = numbered.send(sink_testkit::event("1", "")).await.unwrap();
    assert_eq!(outcome.receipt().durability(), Durability::None);
    assert_eq!(*signer.fates(), ["void"]);
}

#[tokio::test]
async fn beside_a_store_that_fails_its_answer_counts_for_nothing() {
    let child = |name: &str, sink: Arc<dyn EventSink>, need| Child {
        name: name.into(),
        sink,
        need,
        deadline: Duration::from_secs(5),
    };
    let store = FlakySink::script([Step::Fail(ErrorKind::Unavailable), Step::Ok]);
    let fanout = Fanout::new(vec![
        child("store", Arc::new(store), Need::Required),
        child("log", Arc::new(LogSink::default()), Need::BestEffort),
    ]);
    let signer = Arc::new(Book::default());
    let chain = Numbered(fanout.unwrap(), signer.clone());
    let refused = chain.send(sink_testkit::event("1", "")).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(signer.fates().is_empty(), "the log kept a number");
    let _receipt = chain.send(sink_testkit::event("2", "")).await.unwrap();
    assert_eq!(*signer.fates(), ["kept"]);
}

/// The checks of the suite that ask for no storage and for no silence.
#[tokio::test]
async fn it_does_what_a_sink_that_stores_nothing_can() {
    struct Nowhere;
    impl LeafUnderTest for Nowhere {
        async fn open(&mut self) -> Arc<dyn EventSink> {
            Arc::new(LogSink::default())
        }

        async fn read_back(&mut self) -> Vec<Bytes> {
            Vec::new()
        }
    }
    let features = Features::default();
    leaf::each_event_gets_one_result(&mut Nowhere, features)
        .await
        .unwrap();
    leaf::an_empty_batch_is_answered_with_nothing(&mut Nowhere, features)
        .await
        .unwrap();
    leaf::prepare_changes_nothing(&mut Nowhere, features)
        .await
        .unwrap();
    leaf::refused_drafts_stay_as_they_are(&mut Nowhere, features)
        .await
        .unwrap();
}

/// The lines that sending `event` makes, as the JSON that a collector gets.
async fn said(filter: &str, sink: &LogSink, event: Event) -> Vec<Value> {
    let ear = Ear::default();
    let layer = tracing_subscriber::fmt::layer().json().flatten_event(true);
    let layer = layer.with_writer({
        let ear = ear.clone();
        move || ear.clone()
    });
    let registry = tracing_subscriber::registry().with(EnvFilter::new(filter));
    let listening = tracing::subscriber::set_default(registry.with(layer));
    let _receipt = sink.send(event).await.unwrap();
    drop(listening);
    let bytes = ear.0.lock().unwrap();
    let lines = std::str::from_utf8(&bytes).unwrap().lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[derive(Clone, Default)]
struct Ear(Arc<Mutex<Vec<u8>>>);

impl Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Numbers every event, as a signer does.
#[derive(Debug)]
struct Numbered<S>(S, Arc<Book>);

#[async_trait::async_trait]
impl<S: EventSink> EventSink for Numbered<S> {
    fn prepare(&self, drafts: &mut [Draft]) {
        self.0.prepare(drafts);
        events_core::each(drafts, |event| {
            event.set_claim(Claim::new(self.1.clone(), 1));
            Ok(())
        });
    }

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        self.0.deliver(events).await
    }
}

impl<S> std::fmt::Display for Numbered<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("numbered")
    }
}

/// What became of the numbers.
#[derive(Debug, Default)]
struct Book(Mutex<Vec<&'static str>>);

impl Book {
    fn fates(&self) -> std::sync::MutexGuard<'_, Vec<&'static str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Settle for Book {
    fn kept(&self, _: u64) {
        self.fates().push("kept");
    }

    fn void(&self, _: u64) {
        self.fates().push("void");
    }
}
