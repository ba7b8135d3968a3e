use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use events_core::{
    Claim, Draft, ErrorKind, EventSink, EventSinkExt as _, MemorySink, Outcome, Place, Settle,
    SinkError, WireEvent,
};
use events_runtime::Need;
use sink_testkit::{FlakySink, Log, Step, sealed};

use crate::{child, fanout, ids, kinds};

fn failing(kind: ErrorKind) -> FlakySink {
    FlakySink::script([Step::Fail(kind)])
}

#[tokio::test]
async fn each_event_has_its_own_fate() {
    let bad = Step::Fail(ErrorKind::Rejected);
    let first = FlakySink::script_per_event([Step::Ok, bad, Step::Ok, Step::Ok]);
    let second = FlakySink::script_per_event([Step::Ok, Step::Ok, bad, Step::Ok]);
    let sink = fanout([
        child("first", Need::Required, &first),
        child("second", Need::Required, &second),
    ]);
    let results = sink.deliver(&sealed(4)).await;
    let rejected = Some(ErrorKind::Rejected);
    assert_eq!(kinds(&results), [None, rejected, rejected, None]);
}

#[tokio::test]
async fn the_outcome_is_the_first_required_childs() {
    let sink = fanout([
        child("one-of", Need::OneOf, &FlakySink::script([])),
        child("required", Need::Required, &MemorySink::default()),
    ]);
    let results = sink.deliver(&sealed(1)).await;
    let outcome = results[0].as_ref().unwrap();
    assert_eq!(outcome.receipt().place(), &Place::Noop);
}

#[tokio::test]
async fn what_a_best_effort_child_misses_is_counted_and_logged_without_the_event() {
    let log = Log::listen();
    let sink = fanout([
        child("kept", Need::Required, &MemorySink::default()),
        child("missed", Need::BestEffort, &failing(ErrorKind::Config)),
    ]);
    let events = sealed(2);
    assert_eq!(kinds(&sink.deliver(&events).await), [None, None]);
    let [kept, missed] = sink.status().try_into().unwrap();
    assert_eq!((kept.delivered, kept.failed), (2, 0));
    assert_eq!((missed.delivered, missed.failed), (0, 2));
    let text = log.text();
    let (lines, first_id) = (text.lines().count(), events[0].message_id());
    assert_eq!(lines, 1, "{text}");
    let line = format!("kind=config msg_id={first_id} failed=2");
    assert!(
        text.contains("child=\"missed\"") && text.contains(&line),
        "{text}"
    );
    assert!(!text.contains("hello bob"), "{text}");
}

#[tokio::test]
async fn a_required_childs_error_is_returned_and_not_logged() {
    let log = Log::listen();
    let sink = fanout([
        child("kept", Need::Required, &MemorySink::default()),
        child("down", Need::Required, &failing(ErrorKind::Unavailable)),
    ]);
    let results = sink.deliver(&sealed(1)).await;
    assert_eq!(kinds(&results), [Some(ErrorKind::Unavailable)]);
    assert_eq!(log.text(), "");
}

#[tokio::test]
async fn one_of_the_one_of_children_is_enough() {
    let (down, up) = (failing(ErrorKind::Unavailable), FlakySink::script([]));
    let sink = fanout([
        child("down", Need::OneOf, &down),
        child("up", Need::OneOf, &up),
    ]);
    assert_eq!(kinds(&sink.deliver(&sealed(2)).await), [None, None]);
    assert_eq!(ids(&up.stored()), ["1", "2"]);
}

#[tokio::test]
async fn without_any_one_of_child_the_event_fails_though_required_ones_have_it() {
    let memory = MemorySink::default();
    let sink = fanout([
        child("memory", Need::Required, &memory),
        child("a", Need::OneOf, &failing(ErrorKind::Rejected)),
        child("b", Need::OneOf, &failing(ErrorKind::Saturated)),
    ]);
    let results = sink.deliver(&sealed(1)).await;
    assert_eq!(kinds(&results), [Some(ErrorKind::Saturated)]);
    assert_eq!(memory.events().len(), 1);
}

#[tokio::test]
async fn what_only_a_best_effort_child_has_keeps_no_number() {
    for (need, kept) in [
        (Need::BestEffort, false),
        (Need::OneOf, true),
        (Need::Required, true),
    ] {
        let sink = fanout([
            child("fails", Need::Required, &failing(ErrorKind::Unavailable)),
            child("has it", need, &Keeps),
        ]);
        let fates = Arc::new(Fates::default());
        let mut event = sink_testkit::event("1", "");
        event.set_claim(Claim::new(fates.clone(), 7));
        let events: Vec<WireEvent> = sink
            .seal(vec![event])
            .into_iter()
            .map(Result::unwrap)
            .collect();
        assert!(sink.deliver(&events).await[0].is_err());
        drop((sink, events));
        let fate = fates.0.lock().unwrap().clone();
        assert_eq!(fate, [if kept { "kept 7" } else { "void 7" }], "{need}");
    }
}

/// Answers as a store does.
#[derive(Clone, Debug)]
struct Keeps;

#[async_trait]
impl EventSink for Keeps {
    fn prepare(&self, _drafts: &mut [Draft]) {}

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        let stored = |event| Ok(Outcome::delivered(event, Place::Store { row: 1 }));
        events.iter().map(stored).collect()
    }
}

impl fmt::Display for Keeps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("keeps")
    }
}

#[derive(Debug, Default)]
struct Fates(Mutex<Vec<String>>);

impl Settle for Fates {
    fn kept(&self, number: u64) {
        self.0.lock().unwrap().push(format!("kept {number}"));
    }

    fn void(&self, number: u64) {
        self.0.lock().unwrap().push(format!("void {number}"));
    }
}
