#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Mutex;
use std::{fmt, io};

use async_trait::async_trait;
use bytes::Bytes;
use events_core::{
    Draft, ErrorKind, EventSink, EventSinkExt as _, Extension, NoopSink, Outcome, SinkError,
    WireEvent, each,
};
use futures::FutureExt as _;
use sink_testkit::{ProbeSink, event};

/// What is wrong with a wrapper.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Flaw {
    None,
    Panics,
    ForgetsInnerPrepare,
    PreparesTwice,
    UndoesInnerPrepare,
    PreparesFirst,
    ReplacesInnerRefusals,
    ChangesNothing,
    TakesRefusalsBack,
    SkipsNeighbours,
    DeliversWhilePreparing,
    Reencodes,
    ReversesBatches,
    DeliversTwice,
    ReversesResults,
    AnswersFewer,
    CallsTransientRejected,
    AnswersNothing,
    PrintsItsNameAlone,
    ShowsItsLastInDebug,
    ShowsIdsInErrors,
    LogsIds,
}

/// Adds an extension to events that ask for it by their id, and has a flaw.
pub(crate) struct Wrapper {
    inner: ProbeSink,
    flaw: Flaw,
    last: Mutex<Bytes>,
}

impl Wrapper {
    pub(crate) fn new(inner: ProbeSink, flaw: Flaw) -> Self {
        assert_ne!(flaw, Flaw::Panics, "as it should");
        Self {
            inner,
            flaw,
            last: Mutex::default(),
        }
    }

    fn change(drafts: &mut [Draft]) {
        each(drafts, |event| {
            if event.id().as_str() == "change-me" {
                event.set_extension("changed".parse().unwrap(), Extension::Boolean(true));
            }
            Ok(())
        });
    }

    fn spoil(&self, drafts: &mut [Draft]) {
        for draft in &mut *drafts {
            match (self.flaw, &mut *draft) {
                (Flaw::UndoesInnerPrepare, Ok(event)) => {
                    event.remove_extension(ProbeSink::MARK);
                }
                (Flaw::TakesRefusalsBack, Err(_)) => *draft = Ok(event("2", "again")),
                (Flaw::ReplacesInnerRefusals, Err(_)) => {
                    *draft = Err(SinkError::new(ErrorKind::Config, "prepare it again"));
                }
                (Flaw::DeliversWhilePreparing, Ok(event)) => {
                    let sealed = NoopSink.seal(vec![event.clone()]).pop().unwrap();
                    drop(self.inner.deliver(&[sealed.unwrap()]).now_or_never());
                }
                _ => {}
            }
        }
    }
}

#[async_trait]
impl EventSink for Wrapper {
    fn prepare(&self, drafts: &mut [Draft]) {
        match self.flaw {
            Flaw::ForgetsInnerPrepare => Self::change(drafts),
            Flaw::PreparesFirst => {
                Self::change(drafts);
                self.inner.prepare(drafts);
            }
            Flaw::ChangesNothing => self.inner.prepare(drafts),
            Flaw::SkipsNeighbours if drafts.iter().any(Result::is_err) => {}
            Flaw::PreparesTwice => {
                self.inner.prepare(drafts);
                self.inner.prepare(drafts);
                Self::change(drafts);
            }
            _ => {
                self.inner.prepare(drafts);
                Self::change(drafts);
            }
        }
        self.spoil(drafts);
    }

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        let mut batch = events.to_vec();
        if let Some(event) = events.last() {
            self.last.lock().unwrap().clone_from(event.bytes());
        }
        match self.flaw {
            Flaw::Reencodes => batch.iter_mut().for_each(|event| {
                let spaced = [event.bytes(), &b" "[..]].concat();
                *event = WireEvent::from_bytes(spaced.into()).unwrap();
            }),
            Flaw::ReversesBatches => batch.reverse(),
            Flaw::DeliversTwice => drop(self.inner.deliver(&batch).await),
            Flaw::LogsIds => {
                let id = events.first().map(|event| event.attributes().id().as_str());
                tracing::warn!(id, "forwarding");
            }
            _ => {}
        }
        let mut results = self.inner.deliver(&batch).await;
        match self.flaw {
            Flaw::ReversesResults => results.reverse(),
            Flaw::AnswersFewer => drop(results.pop()),
            Flaw::AnswersNothing if events.is_empty() => {
                results.push(Err(SinkError::new(ErrorKind::Config, "count")));
            }
            Flaw::CallsTransientRejected => results.iter_mut().for_each(|result| {
                if matches!(result, Err(error) if error.kind().is_transient()) {
                    *result = Err(SinkError::new(ErrorKind::Rejected, "wait"));
                }
            }),
            Flaw::ShowsIdsInErrors => {
                for (result, event) in results.iter_mut().zip(events) {
                    if let Err(error) = result {
                        let id = event.attributes().id().as_str();
                        let source = io::Error::other(format!("{id} failed"));
                        *result = Err(SinkError::caused(error.kind(), "forward", source));
                    }
                }
            }
            _ => {}
        }
        results
    }
}

impl fmt::Debug for Wrapper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.flaw {
            Flaw::ShowsItsLastInDebug => write!(f, "{:?}", self.last.lock().unwrap()),
            _ => write!(f, "Wrapper({:?})", self.inner),
        }
    }
}

impl fmt::Display for Wrapper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.flaw {
            Flaw::PrintsItsNameAlone => f.write_str("flawed"),
            _ => write!(f, "flawed({})", self.inner),
        }
    }
}
