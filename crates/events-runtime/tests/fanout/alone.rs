use std::time::Duration;

use events_core::{ErrorKind, EventSink as _, MemorySink};
use events_runtime::{Child, Need};
use futures::poll;
use sink_testkit::{FlakySink, Step, sealed};
use tokio::time::{Instant, sleep};

use crate::{DEADLINE, child, fanout, kinds};

#[tokio::test(start_paused = true)]
async fn a_required_child_that_hangs_costs_its_deadline_and_no_more() {
    let memory = MemorySink::default();
    let slow = Child {
        deadline: Duration::from_secs(2),
        ..child("slow", Need::Required, &FlakySink::script([Step::Hang]))
    };
    let sink = fanout([slow, child("memory", Need::Required, &memory)]);
    let events = sealed(1);
    let start = Instant::now();
    let mut delivery = sink.deliver(&events);
    assert!(poll!(&mut delivery).is_pending());
    assert_eq!(memory.events().len(), 1, "others do not wait for it");
    assert_eq!(kinds(&delivery.await), [Some(ErrorKind::Unavailable)]);
    assert_eq!(start.elapsed(), Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_best_effort_child_or_a_second_one_of() {
    let slow = || FlakySink::script([Step::Delay(DEADLINE / 2)]);
    let (best_effort, one_of) = (slow(), slow());
    let sink = fanout([
        child("best-effort", Need::BestEffort, &best_effort),
        child("slow", Need::OneOf, &one_of),
        child("fast", Need::OneOf, &MemorySink::default()),
    ]);
    let start = Instant::now();
    assert_eq!(kinds(&sink.deliver(&sealed(3)).await), [None; 3]);
    assert_eq!(start.elapsed(), Duration::ZERO);
    let lagging: Vec<usize> = sink.status().iter().map(|child| child.lagging).collect();
    assert_eq!(lagging, [3, 3, 0]);
    sleep(DEADLINE).await;
    assert_eq!((best_effort.stored().len(), one_of.stored().len()), (3, 3));
    let status = sink.status();
    let delivered: Vec<u64> = status.iter().map(|child| child.delivered).collect();
    assert_eq!(delivered, [3, 3, 3]);
    assert!(status.iter().all(|child| child.lagging == 0));
}

#[tokio::test(start_paused = true)]
async fn who_stops_can_wait_for_those_that_lag() {
    let slow = FlakySink::script([Step::Delay(DEADLINE / 2)]);
    let sink = fanout([
        child("slow", Need::BestEffort, &slow),
        child("memory", Need::Required, &MemorySink::default()),
    ]);
    let start = Instant::now();
    sink.settled().await;
    assert_eq!(kinds(&sink.deliver(&sealed(2)).await), [None; 2]);
    assert_eq!(start.elapsed(), Duration::ZERO);
    sink.settled().await;
    assert_eq!(start.elapsed(), DEADLINE / 2);
    assert_eq!(slow.stored().len(), 2);
}

#[tokio::test]
async fn a_child_that_panics_harms_no_other() {
    let memory = MemorySink::default();
    let panicking = FlakySink::script([Step::Panic, Step::Panic]);
    let sink = fanout([
        child("panicking", Need::BestEffort, &panicking),
        child("memory", Need::Required, &memory),
    ]);
    assert_eq!(kinds(&sink.deliver(&sealed(2)).await), [None, None]);
    let sink = fanout([
        child("panicking", Need::Required, &panicking),
        child("memory", Need::Required, &memory),
    ]);
    let lost = Some(ErrorKind::Unavailable);
    assert_eq!(kinds(&sink.deliver(&sealed(2)).await), [lost, lost]);
    assert_eq!(memory.events().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_does_not_stop_the_children() {
    let flaky = FlakySink::script([Step::Delay(DEADLINE / 2)]);
    let sink = fanout([child("slow", Need::Required, &flaky)]);
    let events = sealed(2);
    let mut delivery = sink.deliver(&events);
    assert!(poll!(&mut delivery).is_pending());
    drop(delivery);
    assert_eq!(sink.status()[0].lagging, 2);
    sleep(DEADLINE).await;
    assert_eq!((flaky.stored().len(), sink.status()[0].lagging), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_child_that_lags_too_far_is_passed_over_until_it_catches_up() {
    let hanging = FlakySink::script([Step::Hang; 5]);
    let memory = MemorySink::default();
    let sink = fanout([
        child("memory", Need::Required, &memory),
        child("hanging", Need::BestEffort, &hanging),
    ]);
    let events = sealed(1000);
    for _ in 0..7 {
        assert!(sink.deliver(&events).await.iter().all(Result::is_ok));
    }
    assert_eq!(memory.events().len(), 7000);
    assert_eq!(hanging.calls().len(), 5, "what lags is bounded");
    let [_, status] = sink.status().try_into().unwrap();
    assert_eq!((status.lagging, status.failed), (5000, 2000));
    sleep(DEADLINE * 2).await;
    let [_, status] = sink.status().try_into().unwrap();
    assert_eq!((status.lagging, status.failed), (0, 7000));
    assert!(sink.deliver(&events).await.iter().all(Result::is_ok));
    assert_eq!(hanging.stored().len(), 1000);
}
