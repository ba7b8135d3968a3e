#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::HashSet;
use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fmt, io};

use async_trait::async_trait;
use bytes::Bytes;
use events_core::{
    Draft, ErrorKind, EventSink, Extension, MessageId, Outcome, Place as ReceiptPlace, SinkError,
    WireEvent,
};
use sink_testkit::leaf::LeafUnderTest;
use tokio::task::yield_now;
use tokio::time::sleep;

/// What is wrong with a leaf.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Flaw {
    None,
    Panics,
    AnswersBeforeStoring,
    Reencodes,
    LosesOneOfTwoAtOnce,
    RefusesNonAscii,
    AnswersFewer,
    AnswersMore,
    AnswersNothing,
    HangsOnNothing,
    Tears,
    StopsOnceCancelled,
    TakesRefusalsBack,
    ReplacesRefusals,
    ShowsItsLastInDebug,
    ShowsIdsInErrors,
    LogsIds,
    ReversesBatches,
    ForgetsOnReopening,
    StoresTwice,
    AddsWhilePreparing,
    StoresAnyLength,
    RefusesBatchesForOne,
    CallsLengthInvalid,
    HangsWhenCutOff,
    CallsCutOffConfig,
}

/// Memory that a flawed leaf stores in.
#[derive(Clone)]
pub(crate) struct Place {
    flaw: Flaw,
    records: Arc<Mutex<Vec<Bytes>>>,
    reachable: Arc<AtomicBool>,
}

impl Place {
    pub(crate) fn with(flaw: Flaw) -> Self {
        Self {
            flaw,
            records: Arc::default(),
            reachable: Arc::new(AtomicBool::new(true)),
        }
    }

    fn records(&self) -> MutexGuard<'_, Vec<Bytes>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LeafUnderTest for Place {
    async fn open(&mut self) -> Arc<dyn EventSink> {
        assert_ne!(self.flaw, Flaw::Panics, "as it should");
        if self.flaw == Flaw::ForgetsOnReopening {
            self.records().clear();
        }
        Arc::new(Leaf {
            place: self.clone(),
            seen: Mutex::default(),
            busy: AtomicBool::new(false),
            last: Mutex::default(),
        })
    }

    async fn read_back(&mut self) -> Vec<Bytes> {
        self.records().clone()
    }

    async fn cut_off(&mut self) {
        self.reachable.store(false, Ordering::SeqCst);
    }
}

struct Leaf {
    place: Place,
    seen: Mutex<HashSet<MessageId>>,
    busy: AtomicBool,
    last: Mutex<Bytes>,
}

impl Leaf {
    fn has(&self, flaw: Flaw) -> bool {
        self.place.flaw == flaw
    }

    async fn store(&self, event: &WireEvent) -> Result<Outcome, SinkError> {
        let id = event.attributes().id().as_str();
        if !self.place.reachable.load(Ordering::SeqCst) {
            if self.has(Flaw::HangsWhenCutOff) {
                pending::<()>().await;
            }
            let config = self.has(Flaw::CallsCutOffConfig);
            return Err(SinkError::new(
                if config {
                    ErrorKind::Config
                } else {
                    ErrorKind::Unavailable
                },
                "reach the place",
            ));
        }
        if event.bytes().len() > MAX_EVENT_BYTES && !self.has(Flaw::StoresAnyLength) {
            return Err(match self.place.flaw {
                Flaw::CallsLengthInvalid => SinkError::new(ErrorKind::Invalid, "store so much"),
                Flaw::ShowsIdsInErrors => SinkError::caused(
                    ErrorKind::Rejected,
                    "store so much",
                    io::Error::other(format!("{id} is too long")),
                ),
                _ => SinkError::new(ErrorKind::Rejected, "store so much"),
            });
        }
        if self.has(Flaw::RefusesNonAscii) && !id.is_ascii() {
            return Err(SinkError::new(ErrorKind::Invalid, "store such an id"));
        }
        if self.has(Flaw::LogsIds) {
            tracing::debug!(id, "storing");
        }
        self.last.lock().unwrap().clone_from(event.bytes());
        let is_new = self.seen.lock().unwrap().insert(event.message_id());
        if is_new || self.has(Flaw::StoresTwice) {
            self.append(event.bytes().clone()).await;
        }
        Ok(Outcome::delivered(event, ReceiptPlace::Noop))
    }

    async fn append(&self, bytes: Bytes) {
        let place = self.place.clone();
        match self.place.flaw {
            Flaw::AnswersBeforeStoring => drop(tokio::spawn(async move {
                sleep(Duration::from_millis(1)).await;
                place.records().push(bytes);
            })),
            Flaw::Reencodes => place
                .records()
                .push([&bytes, " "[..].as_bytes()].concat().into()),
            Flaw::Tears => {
                let position = place.records().len();
                place.records().push(bytes.slice(..bytes.len() / 2));
                yield_now().await;
                place.records()[position] = bytes;
            }
            Flaw::LosesOneOfTwoAtOnce => {
                if !self.busy.swap(true, Ordering::SeqCst) {
                    yield_now().await;
                    place.records().push(bytes);
                    self.busy.store(false, Ordering::SeqCst);
                }
            }
            Flaw::StopsOnceCancelled => {
                assert!(!self.busy.swap(true, Ordering::SeqCst), "stuck");
                yield_now().await;
                self.busy.store(false, Ordering::SeqCst);
                place.records().push(bytes);
            }
            _ => place.records().push(bytes),
        }
    }
}

#[async_trait]
impl EventSink for Leaf {
    fn prepare(&self, drafts: &mut [Draft]) {
        for draft in drafts {
            match (self.place.flaw, &mut *draft) {
                (Flaw::AddsWhilePreparing, Ok(event)) => {
                    event.set_extension("added".parse().unwrap(), Extension::Integer(1));
                }
                (Flaw::TakesRefusalsBack, Err(_)) => *draft = Ok(sink_testkit::event("x", "y")),
                (Flaw::ReplacesRefusals, Err(_)) => {
                    *draft = Err(SinkError::new(ErrorKind::Config, "accept a refused draft"));
                }
                _ => {}
            }
        }
    }

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        if events.is_empty() && self.has(Flaw::HangsOnNothing) {
            pending::<()>().await;
        }
        let too_long = events
            .iter()
            .any(|event| event.bytes().len() > MAX_EVENT_BYTES);
        if too_long && self.has(Flaw::RefusesBatchesForOne) {
            let error = SinkError::new(ErrorKind::Rejected, "store so much");
            return events.iter().map(|_| Err(error.clone())).collect();
        }
        let mut results = Vec::new();
        if self.has(Flaw::ReversesBatches) {
            for event in events.iter().rev() {
                results.push(self.store(event).await);
            }
        } else {
            for event in events {
                results.push(self.store(event).await);
            }
        }
        match self.place.flaw {
            Flaw::AnswersFewer if events.len() > 1 => drop(results.pop()),
            Flaw::AnswersMore => results.push(Err(SinkError::new(ErrorKind::Config, "count"))),
            Flaw::AnswersNothing if events.is_empty() => {
                results.push(Err(SinkError::new(ErrorKind::Config, "count")));
            }
            _ => {}
        }
        results
    }
}

impl fmt::Debug for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place.flaw {
            Flaw::ShowsItsLastInDebug => write!(f, "{:?}", self.last.lock().unwrap().as_ref()),
            _ => write!(f, "Leaf"),
        }
    }
}

impl fmt::Display for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("flawed")
    }
}

pub(crate) const MAX_EVENT_BYTES: usize = 32 * 1024;
