use events_core::{ErrorKind, EventSink as _, EventSinkExt as _, NoopSink, Outcome, WireEvent};
use events_runtime::Need;
use futures::poll;
use sink_testkit::{FlakySink, Step, event, sealed};
use tokio::time::sleep;

use crate::{DEADLINE, child, fanout, ids, kinds};

const DOWN: Step = Step::Fail(ErrorKind::Unavailable);

fn place(result: &Result<Outcome, events_core::SinkError>) -> String {
    format!("{:?}", result.as_ref().unwrap().receipt().place())
}

#[tokio::test]
async fn what_one_child_has_is_not_sent_to_it_again() {
    let first = FlakySink::script([]);
    let second = FlakySink::script_per_event([DOWN, Step::Ok, DOWN]);
    let sink = fanout([
        child("first", Need::Required, &first),
        child("second", Need::Required, &second),
    ]);
    let events = sealed(3);
    let results = sink.deliver(&events).await;
    let down = Some(ErrorKind::Unavailable);
    assert_eq!(kinds(&results), [down, None, down]);
    let again: Vec<WireEvent> = [&events[0], &events[2]]
        .map(|event| WireEvent::from_bytes(event.bytes().clone()).unwrap())
        .to_vec();
    let results = sink.deliver(&again).await;
    assert_eq!(kinds(&results), [None, None]);
    assert!(
        place(&results[1]).contains("sequence: 3"),
        "the first child's receipt"
    );
    assert_eq!(ids(&first.stored()), ["1", "2", "3"]);
    assert_eq!(ids(&second.stored()), ["2", "1", "3"]);
    assert_eq!(sink.status()[0].kept, 2);
}

#[tokio::test]
async fn once_every_child_has_it_an_event_that_comes_again_goes_to_all() {
    let flaky = [FlakySink::script([]), FlakySink::script([DOWN])];
    let sink = fanout([
        child("first", Need::Required, &flaky[0]),
        child("second", Need::Required, &flaky[1]),
    ]);
    let events = sealed(1);
    for expected in [[1, 0], [1, 1], [2, 2]] {
        drop(sink.deliver(&events).await);
        assert_eq!(flaky.each_ref().map(|sink| sink.stored().len()), expected);
    }
}

#[tokio::test]
async fn the_same_identity_with_other_bytes_goes_to_all() {
    let first = FlakySink::script([]);
    let sink = fanout([
        child("first", Need::Required, &first),
        child("second", Need::Required, &FlakySink::script([DOWN])),
    ]);
    for text in ["once", "again"] {
        let sealed = NoopSink.seal(vec![event("1", text)]).pop().unwrap();
        drop(sink.deliver(&[sealed.unwrap()]).await);
    }
    assert_eq!(first.stored().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_child_that_got_it_after_the_answer_is_not_sent_it_again() {
    let late = FlakySink::script([Step::Delay(DEADLINE / 2)]);
    let sink = fanout([
        child("down", Need::Required, &FlakySink::script([DOWN])),
        child("late", Need::BestEffort, &late),
    ]);
    let events = sealed(2);
    let down = Some(ErrorKind::Unavailable);
    assert_eq!(kinds(&sink.deliver(&events).await), [down, down]);
    sleep(DEADLINE).await;
    assert_eq!(kinds(&sink.deliver(&events).await), [None, None]);
    assert_eq!(late.calls().len(), 1);
    assert_eq!(sink.status()[1].kept, 2);
}

#[tokio::test(start_paused = true)]
async fn what_a_caller_that_went_away_had_stored_is_not_stored_again() {
    let fast = FlakySink::script([]);
    let slow = FlakySink::script([Step::Delay(DEADLINE / 2)]);
    let sink = fanout([
        child("fast", Need::Required, &fast),
        child("slow", Need::Required, &slow),
    ]);
    let events = sealed(1);
    let mut delivery = sink.deliver(&events);
    assert!(poll!(&mut delivery).is_pending());
    drop(delivery);
    sleep(DEADLINE).await;
    assert_eq!(kinds(&sink.deliver(&events).await), [None]);
    assert_eq!((fast.calls().len(), slow.calls().len()), (1, 1));
}
