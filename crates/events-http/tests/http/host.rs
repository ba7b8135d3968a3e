use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use events_core::codec::DecodeError;
use events_core::codec::http::Mode;
use events_core::{
    Draft, ErrorKind, Event, EventSink, EventSinkExt, MemorySink, Outcome, Place, SinkError,
    WireEvent, each,
};
use events_http::{
    Accepted, Answered, Config, DeadLetters, Drained, Following, Intake, Keyring, Observer, Ports,
    Readiness, Server, Status,
};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::client::Client;
use crate::shelf::{Followed, Shelf};

/// A running server and the host behind it.
pub(crate) struct Host {
    pub(crate) addr: SocketAddr,
    pub(crate) state: Arc<State>,
    pub(crate) keyring: Keyring,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<Drained>,
}

/// What the fakes behind the ports know and keep.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) sink: Fate,
    /// Each permit lets one request with an event of type `fate.wait` go on.
    pub(crate) gate: Semaphore,
    pub(crate) counts: Mutex<BTreeMap<String, usize>>,
    pub(crate) readiness: Mutex<Readiness>,
    pub(crate) metrics: Mutex<String>,
    /// What the status is, where it is to be more than the chain.
    pub(crate) status: Mutex<Value>,
}

impl Host {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_beside(|_| {}, change).await
    }

    /// A host with a spool behind it.
    pub(crate) async fn start_on(
        dead_letters: Option<Arc<dyn DeadLetters>>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        Self::start_beside(|ports| ports.dead_letters = dead_letters, change).await
    }

    /// A host whose kept events can be read.
    pub(crate) async fn start_keeping(
        shelf: &Arc<Shelf>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let add = |ports: &mut Ports| {
            ports.history = Some(Arc::clone(shelf) as _);
            ports.tail = Some(Arc::new(Followed(Arc::clone(shelf))));
        };
        Self::start_beside(add, change).await
    }

    async fn start_beside(add: impl FnOnce(&mut Ports), change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new("127.0.0.1:0".parse().unwrap());
        change(&mut config);
        let state = Arc::new(State {
            sink: Fate::default(),
            gate: Semaphore::new(0),
            counts: Mutex::default(),
            readiness: Mutex::new(Readiness {
                ready: true,
                degraded: Vec::new(),
            }),
            metrics: Mutex::new("# EOF\n".into()),
            status: Mutex::default(),
        });
        let server = {
            let mut ports = ports(&state);
            add(&mut ports);
            Server::bind(config, ports).await.unwrap()
        };
        let (stop, stopped) = oneshot::channel();
        Self {
            addr: server.local_addr(),
            keyring: server.keyring(),
            state,
            stop: Some(stop),
            task: tokio::spawn(server.serve(async { drop(stopped.await) })),
        }
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.addr).await
    }

    /// The ids of the events kept so far.
    pub(crate) fn kept(&self) -> Vec<String> {
        let events = self.state.sink.kept.events();
        let id = |event: &WireEvent| event.attributes().id().as_str().to_owned();
        events.iter().map(id).collect()
    }

    /// Waits until something was counted so often.
    pub(crate) async fn counts(&self, what: &str, count: usize) {
        until(|| self.count(what) >= count).await;
    }

    /// Waits until `count` events are kept.
    pub(crate) async fn keeps(&self, count: usize) {
        until(|| self.kept().len() >= count).await;
    }

    /// Waits until `count` requests have been handed over.
    pub(crate) async fn arrived(&self, count: usize) {
        until(|| self.count("handed over") >= count).await;
    }

    pub(crate) fn count(&self, what: &str) -> usize {
        self.state
            .counts
            .lock()
            .unwrap()
            .get(what)
            .copied()
            .unwrap_or(0)
    }

    /// Makes the metrics longer than the buffers of the system hold, and says how long.
    pub(crate) fn answers_at_length(&self) -> usize {
        let metrics = format!("a{{b=\"{}\"}} 1\n", "x".repeat(16 << 20));
        let length = metrics.len();
        *self.state.metrics.lock().unwrap() = metrics;
        length
    }

    pub(crate) fn ask_to_stop(&mut self) {
        drop(self.stop.take());
    }

    /// Whether it is still at it a little later.
    pub(crate) async fn goes_on(&mut self) -> bool {
        timeout(Duration::from_millis(50), &mut self.task)
            .await
            .is_err()
    }

    pub(crate) async fn stopped(self) -> Drained {
        self.task.await.unwrap()
    }
}

async fn until(done: impl Fn() -> bool) {
    let wait = async {
        while !done() {
            sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(Duration::from_secs(10), wait)
        .await
        .expect("it to come about");
}

pub(crate) fn ports(state: &Arc<State>) -> Ports {
    Ports {
        intake: Arc::new(Fake(Arc::clone(state))),
        status: Arc::new(Fake(Arc::clone(state))),
        observer: Arc::new(Fake(Arc::clone(state))),
        dead_letters: None,
        history: None,
        tail: None,
    }
}

/// A sink that does to an event what its type says, and masks ids that hold a secret.
#[derive(Debug, Default)]
pub(crate) struct Fate {
    pub(crate) kept: MemorySink,
}

#[async_trait]
impl EventSink for Fate {
    fn prepare(&self, drafts: &mut [Draft]) {
        each(drafts, |event| {
            if event.id().as_str().contains("secret") {
                event.set_id("masked".parse().unwrap());
            }
            Ok(())
        });
    }

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        let mut results = Vec::new();
        for event in events {
            let fails = |kind| Err(SinkError::new(kind, "store it"));
            results.push(match event.attributes().kind().as_str() {
                "fate.spilled" => Ok(Outcome::spilled(event, spool())),
                "fate.rejected" => fails(ErrorKind::Rejected),
                "fate.oversize" => {
                    let cause = DecodeError::TooLarge { limit: 1 };
                    Err(SinkError::caused(ErrorKind::Rejected, "store it", cause))
                }
                "fate.saturated" => fails(ErrorKind::Saturated),
                "fate.unavailable" => fails(ErrorKind::Unavailable),
                "fate.config" => fails(ErrorKind::Config),
                _ => self
                    .kept
                    .deliver(std::slice::from_ref(event))
                    .await
                    .remove(0),
            });
        }
        results
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fate")
    }
}

fn spool() -> Place {
    Place::Spool {
        segment: "é\u{1f600}.seg".into(),
        offset: 7,
    }
}

struct Fake(Arc<State>);

impl Fake {
    fn add(&self, what: String, count: usize) {
        *self.0.counts.lock().unwrap().entry(what).or_default() += count;
    }
}

#[async_trait]
impl Intake for Fake {
    async fn accept(&self, events: Vec<Event>) -> Vec<Result<Accepted, SinkError>> {
        self.add("handed over".into(), 1);
        for kind in events.iter().map(|event| event.kind().as_str()) {
            match kind {
                "fate.wait" => self.0.gate.acquire().await.unwrap().forget(),
                "fate.panic" => panic!("as asked"),
                "fate.silence" => return Vec::new(),
                _ => {}
            }
        }
        let mut results = Vec::new();
        for sealed in self.0.sink.seal(events) {
            results.push(match sealed {
                Ok(event) => {
                    let mut outcomes = self.0.sink.deliver(std::slice::from_ref(&event)).await;
                    outcomes
                        .remove(0)
                        .map(|outcome| Accepted::new(event, outcome))
                }
                Err(error) => Err(error),
            });
        }
        results
    }
}

impl Status for Fake {
    fn started(&self) -> bool {
        self.0.readiness.lock().unwrap().ready
    }

    fn readiness(&self) -> Readiness {
        self.0.readiness.lock().unwrap().clone()
    }

    fn status(&self) -> Value {
        match &*self.0.status.lock().unwrap() {
            Value::Null => json!({ "stack": self.0.sink.to_string() }),
            status => status.clone(),
        }
    }

    fn metrics(&self) -> String {
        self.0.metrics.lock().unwrap().clone()
    }

    fn jwks(&self) -> String {
        r#"{"keys":[]}"#.into()
    }
}

impl Observer for Fake {
    fn received(&self, mode: Mode, events: usize) {
        self.add(format!("received {mode:?}"), events);
    }

    fn refused(&self, kind: ErrorKind) {
        self.add(format!("refused {kind}"), 1);
    }

    fn answered(&self, answered: &Answered) {
        let Answered {
            method,
            route,
            status,
            ..
        } = answered;
        self.add(format!("{method} {route} {status}"), 1);
    }

    fn following(&self, change: Following) {
        self.add(format!("following {change:?}"), 1);
    }
}
