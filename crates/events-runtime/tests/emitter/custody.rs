use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use events_core::{Draft, ErrorKind, EventSink, MemorySink, Outcome, SinkError, WireEvent};
use events_runtime::{Config, Emitter};
use futures::poll;
use sink_testkit::{FlakySink, Log, Step};

use crate::gate::{Gate, event};

#[tokio::test]
async fn a_caller_that_goes_away_cancels_nothing() {
    let gate = Gate::closed();
    let emitter = gate.emitter(Config::default());
    let mut emission = Box::pin(emitter.emit(event(1)));
    assert!(poll!(&mut emission).is_pending());
    drop(emission);
    gate.let_through(1);
    assert!(emitter.flush(Duration::from_secs(5)).await);
    assert_eq!(gate.stored(), [1]);
}

#[tokio::test]
async fn an_error_that_no_caller_hears_is_logged_without_the_event() {
    let log = Log::listen();
    let flaky = FlakySink::script([Step::Fail(ErrorKind::Rejected)]);
    let emitter = Emitter::new(Arc::new(flaky), Config::default());
    drop(emitter.try_emit(sink_testkit::canary::event()).unwrap());
    assert!(emitter.flush(Duration::from_secs(5)).await);
    let text = log.text();
    assert!(
        text.contains("caller is gone") && text.contains("kind=rejected"),
        "{text}"
    );
    assert!(!sink_testkit::canary::is_in(&text), "{text}");
}

#[tokio::test]
async fn a_sink_that_panics_costs_its_batch_an_error_and_the_next_one_nothing() {
    let gate = Gate::closed();
    let emitter = gate.emitter(Config::default());
    gate.let_through(2);
    let lost = emitter.emit(event(0)).await.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::Unavailable);
    assert!(emitter.emit(event(1)).await.is_ok());
    assert_eq!(gate.stored(), [1]);
    assert_eq!((emitter.load().events, emitter.counts().unanswered), (0, 1));
}

/// Panics over the id `0` while preparing, and answers all but the last event of a batch.
#[derive(Debug, Default)]
struct Careless(MemorySink);

#[async_trait]
impl EventSink for Careless {
    fn prepare(&self, drafts: &mut [Draft]) {
        for event in drafts.iter().flatten() {
            assert_ne!(event.id().as_str(), "0", "the sink falls over");
        }
    }

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        let mut results = self.0.deliver(events).await;
        results.pop();
        results
    }
}

impl std::fmt::Display for Careless {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("careless")
    }
}

#[tokio::test]
async fn a_sink_that_breaks_the_port_leaves_nobody_waiting() {
    let emitter = Emitter::new(Arc::new(Careless::default()), Config::default());
    for (batch, stored) in [([0, 1], [false, false]), ([2, 3], [true, false])] {
        let results = emitter.emit_all(batch.map(event).to_vec()).await;
        let ok: Vec<bool> = results.iter().map(Result::is_ok).collect();
        assert_eq!(ok, stored);
        let mut errors = results.iter().filter_map(|result| result.as_ref().err());
        assert!(errors.all(|error| error.kind() == ErrorKind::Unavailable));
    }
    assert_eq!((emitter.load().events, emitter.counts().unanswered), (0, 3));
}

#[tokio::test]
async fn a_refused_event_harms_no_other_of_its_batch() {
    let steps = [Step::Ok, Step::Fail(ErrorKind::Rejected), Step::Ok];
    let flaky = FlakySink::script_per_event(steps);
    let emitter = Emitter::new(Arc::new(flaky.clone()), Config::default());
    let results = emitter.emit_all((1..=3).map(event).collect()).await;
    let ok: Vec<bool> = results.iter().map(Result::is_ok).collect();
    assert_eq!(ok, [true, false, true]);
    assert_eq!(flaky.stored().len(), 2);
}
