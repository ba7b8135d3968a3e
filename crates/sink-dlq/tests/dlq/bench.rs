//! A destination that does as it is told, and a sink with a spool in front of it.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use events_core::{
    Draft, ErrorKind, Event, EventSink, EventSinkExt as _, MessageId, Outcome, Place, SinkError,
    WireEvent,
};
use sink_dlq::{Config, Dlq, DlqSink, Spool, SpoolConfig};
use tempfile::TempDir;

type Rule = dyn Fn(&WireEvent) -> Answer + Send + Sync;

/// What a destination does with an event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Answer {
    Ok,
    /// Says that all is well, and has it nowhere.
    Forget,
    Fail(ErrorKind),
    Panic,
    Hang,
}

/// A destination. Clones share it.
#[derive(Clone)]
pub(crate) struct Destination(Arc<Mutex<State>>);

struct State {
    rule: Arc<Rule>,
    stored: Vec<WireEvent>,
    known: HashSet<MessageId>,
    calls: Vec<Vec<WireEvent>>,
    duplicates: usize,
    /// Whether a call in which one event met nobody goes on to meet nobody.
    is_connection: bool,
}

impl Destination {
    pub(crate) fn new(answer: Answer) -> Self {
        Self(Arc::new(Mutex::new(State {
            rule: Arc::new(move |_| answer),
            stored: Vec::new(),
            known: HashSet::new(),
            calls: Vec::new(),
            duplicates: 0,
            is_connection: false,
        })))
    }

    /// Like one whose connection is lost in the middle of a call.
    pub(crate) fn connection() -> Self {
        let to = Self::up();
        to.lock().is_connection = true;
        to
    }

    pub(crate) fn up() -> Self {
        Self::new(Answer::Ok)
    }

    pub(crate) fn away() -> Self {
        Self::new(Answer::Fail(ErrorKind::Unavailable))
    }

    pub(crate) fn answers(&self, rule: impl Fn(&WireEvent) -> Answer + Send + Sync + 'static) {
        self.lock().rule = Arc::new(rule);
    }

    pub(crate) fn comes_back(&self) {
        self.answers(|_| Answer::Ok);
    }

    /// The ids of the events it stored, in order, each once.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.lock().stored.iter().map(id).collect()
    }

    pub(crate) fn stored(&self) -> Vec<WireEvent> {
        self.lock().stored.clone()
    }

    /// How many events it was handed once more.
    pub(crate) fn duplicates(&self) -> usize {
        self.lock().duplicates
    }

    /// The ids of each batch it was handed.
    pub(crate) fn calls(&self) -> Vec<Vec<String>> {
        let ids = |events: &Vec<WireEvent>| events.iter().map(id).collect();
        self.lock().calls.iter().map(ids).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn store(&self, event: &WireEvent) -> Outcome {
        let mut state = self.lock();
        let duplicate = !state.known.insert(event.message_id());
        if duplicate {
            state.duplicates += 1;
        } else {
            state.stored.push(event.clone());
        }
        let place = Place::Stream {
            stream: "S".to_owned(),
            sequence: state.stored.len() as u64,
            duplicate,
        };
        Outcome::delivered(event, place)
    }
}

#[async_trait]
impl EventSink for Destination {
    fn prepare(&self, _: &mut [Draft]) {}

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        self.lock().calls.push(events.to_vec());
        let is_connection = self.lock().is_connection;
        let mut is_lost = false;
        // Room that comes back in the middle of a call would let later events pass earlier ones of
        // their subject: nothing in front of a destination that does so could keep the order.
        let mut full = HashSet::new();
        let mut results = Vec::new();
        for event in events {
            // Others have their say between any two events.
            tokio::task::yield_now().await;
            let rule = Arc::clone(&self.lock().rule);
            let answer = match rule(event) {
                _ if is_lost => Answer::Fail(ErrorKind::Unavailable),
                _ if full.contains(&kind(event)) => Answer::Fail(ErrorKind::Saturated),
                answer => answer,
            };
            if is_connection && answer == Answer::Fail(ErrorKind::Saturated) {
                full.insert(kind(event));
            }
            is_lost = is_connection && answer == Answer::Fail(ErrorKind::Unavailable);
            results.push(match answer {
                Answer::Ok => Ok(self.store(event)),
                Answer::Forget => Ok(Outcome::delivered(event, Place::Noop)),
                Answer::Fail(kind) => Err(SinkError::new(kind, "store the event")),
                Answer::Panic => panic!("the test says so"),
                Answer::Hang => std::future::pending().await,
            });
        }
        results
    }
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Destination")
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("destination")
    }
}

/// A destination, a sink in front of it and its spool's directory.
pub(crate) struct Bench {
    pub(crate) to: Destination,
    pub(crate) sink: DlqSink<Destination>,
    pub(crate) dlq: Dlq,
    pub(crate) dir: TempDir,
}

impl Bench {
    pub(crate) fn new(to: Destination, config: Config) -> Self {
        Self::with_spool(to, config, SpoolConfig::default())
    }

    pub(crate) fn with_spool(to: Destination, config: Config, spool: SpoolConfig) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::open(dir.path().join("spool"), spool).unwrap();
        let sink = DlqSink::new(to.clone(), spool, config);
        let dlq = sink.handle();
        Self { to, sink, dlq, dir }
    }

    /// With the redriver at work.
    pub(crate) fn started(to: Destination, config: Config) -> Self {
        let bench = Self::new(to, config);
        bench.sink.start();
        bench
    }

    /// Closes and opens again, as a new process would.
    pub(crate) async fn restart(self) -> Self {
        self.dlq.close().await.unwrap();
        let Self { to, sink, dlq, dir } = self;
        drop((sink, dlq));
        let spool = Spool::open(dir.path().join("spool"), SpoolConfig::default()).unwrap();
        let sink = DlqSink::new(to.clone(), spool, Config::default());
        sink.start();
        let dlq = sink.handle();
        Self { to, sink, dlq, dir }
    }

    /// Seals and delivers events of a type, each with an id. The outcome of each in a word.
    pub(crate) async fn send(&self, kind: &str, ids: &[&str]) -> Vec<&'static str> {
        let events = ids.iter().map(|id| event(id, kind)).collect();
        let results = self.sink.send_all(events).await;
        let word = |result: Result<Outcome, SinkError>| match result {
            Ok(outcome) => outcome.as_str(),
            Err(error) => error.kind().as_str(),
        };
        results.into_iter().map(word).collect()
    }

    /// Records that wait, are set aside and are dead.
    pub(crate) fn areas(&self) -> [usize; 3] {
        let spool = self.dlq.status().spool;
        [spool.waiting, spool.set_aside, spool.dead].map(|area| area.records)
    }
}

/// An event of a type whose subject is `consign.events.single.<type>`.
pub(crate) fn event(id: &str, kind: &str) -> Event {
    let event = Event::builder(id, "/test", kind).json(r#"{"amount":100}"#);
    event.build().unwrap()
}

pub(crate) fn id(event: &WireEvent) -> String {
    event.attributes().id().as_str().to_owned()
}

pub(crate) fn kind(event: &WireEvent) -> String {
    event.attributes().kind().as_str().to_owned()
}

/// Waits for `holds`, which has to come true by itself within ten seconds.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..2000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("waited in vain: {what}");
}

/// Redriving by hand alone.
pub(crate) fn manual() -> Config {
    Config {
        redrive: sink_dlq::Redrive::Manual,
        ..Config::default()
    }
}
