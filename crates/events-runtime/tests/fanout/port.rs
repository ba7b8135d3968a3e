use std::sync::Arc;

use events_core::{ErrorKind, EventSink as _, EventSinkExt as _, MemorySink, NoopSink};
use events_runtime::{Emitter, Fanout, Need};
use sink_testkit::wrapper::{Features, all};
use sink_testkit::{ProbeSink, event, sealed};

use crate::{child, fanout, ids};

#[tokio::test]
async fn with_one_child_it_is_a_wrapper_like_any_other() {
    for need in [Need::Required, Need::OneOf] {
        let wrap = |inner: ProbeSink| fanout([child("only", need, &inner)]);
        all(wrap, Features::default()).await.unwrap();
    }
}

#[tokio::test]
async fn all_children_prepare_one_after_another_and_get_the_same_bytes() {
    let (first, second) = (ProbeSink::new([]), ProbeSink::new([]));
    let sink = fanout([
        child("first", Need::Required, &first),
        child("second", Need::BestEffort, &second),
    ]);
    assert!(sink.send(event("1", "a")).await.is_ok());
    let [one, two] = [first.delivered(), second.delivered()];
    assert_eq!(one[0].bytes(), two[0].bytes());
    assert_eq!(ProbeSink::marks(one[0].attributes()), 2);
    assert_eq!(ProbeSink::marks(&second.prepared()[0]), 1);
}

#[tokio::test]
async fn an_event_that_any_child_refuses_to_prepare_goes_to_none() {
    let memory = MemorySink::default();
    let sink = fanout([
        child("memory", Need::Required, &memory),
        child("picky", Need::BestEffort, &ProbeSink::refusing(["2"])),
    ]);
    let events = ["1", "2", "3"].map(|id| event(id, "")).to_vec();
    let results = sink.send_all(events).await;
    assert_eq!(
        crate::kinds(&results),
        [None, Some(ErrorKind::Rejected), None]
    );
    assert_eq!(ids(&memory.events()), ["1", "3"]);
}

#[tokio::test]
async fn display_names_every_childs_sink() {
    let inner = fanout([child("a", Need::OneOf, &NoopSink)]);
    let sink = fanout([
        child("b", Need::Required, &inner),
        child("c", Need::OneOf, &MemorySink::default()),
    ]);
    assert_eq!(sink.to_string(), "fanout(fanout(noop), memory)");
}

#[test]
fn a_fanout_that_promises_nothing_or_confuses_its_children_is_refused() {
    let best_effort = || child("a", Need::BestEffort, &NoopSink);
    let twice = vec![child("a", Need::Required, &NoopSink), best_effort()];
    for children in [vec![], vec![best_effort()], twice] {
        let error = Fanout::new(children).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behind_an_emitter_every_child_gets_the_events_in_order() {
    let (first, second) = (MemorySink::default(), MemorySink::default());
    let sink = fanout([
        child("first", Need::Required, &first),
        child("second", Need::BestEffort, &second),
    ]);
    let config = events_runtime::Config {
        batch_events: 7,
        ..Default::default()
    };
    let emitter = Emitter::new(Arc::new(sink), config);
    let events: Vec<_> = (0..500).map(|id| event(&id.to_string(), "")).collect();
    let expected: Vec<_> = (0..500).map(|id| id.to_string()).collect();
    let results = emitter.emit_all(events).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(ids(&first.events()), expected);
    assert_eq!(ids(&second.events()), expected);
}

#[tokio::test]
async fn an_empty_batch_reaches_no_child() {
    let probe = ProbeSink::new([]);
    let sink = fanout([child("only", Need::Required, &probe)]);
    assert!(sink.deliver(&[]).await.is_empty());
    assert_eq!(sink.deliver(&sealed(1)).await.len(), 1);
    assert_eq!(probe.delivered().len(), 1);
}
