use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use events_core::ErrorKind;
use proptest::prelude::{Strategy, proptest};
use proptest::test_runner::Config as Runs;
use sink_dlq::Config;
use tokio::time::{sleep, timeout};

use crate::bench::{Answer, Bench, Destination, id, kind, manual, until};

#[tokio::test]
async fn new_events_go_behind_those_of_their_subject_untried() {
    let to = Destination::up();
    to.answers(|event| match kind(event).as_str() {
        "test.a" => Answer::Fail(ErrorKind::Saturated),
        _ => Answer::Ok,
    });
    let bench = Bench::new(to, manual());
    assert_eq!(bench.send("test.a", &["1"]).await, ["spilled"]);
    bench.to.comes_back();
    assert_eq!(bench.send("test.a", &["2", "3"]).await, ["spilled"; 2]);
    assert_eq!(bench.send("test.b", &["4"]).await, ["delivered"]);
    assert_eq!(bench.to.calls(), [["1"], ["4"]]);
    assert_eq!(bench.dlq.counters().spilled.behind, 2);
    let report = bench.dlq.redrive(sink_dlq::Selection::All).await.unwrap();
    assert_eq!((report.stored, report.left), (3, 0));
    assert_eq!(bench.send("test.a", &["5"]).await, ["delivered"]);
    assert_eq!(bench.to.ids(), ["4", "1", "2", "3", "5"]);
    assert_eq!(bench.dlq.counters().reordered, 0);
}

#[tokio::test]
async fn past_the_bound_events_go_ahead_and_are_counted() {
    let config = Config {
        order_bound: 2,
        ..manual()
    };
    let bench = Bench::new(Destination::away(), config);
    assert_eq!(bench.send("test.a", &["1", "2"]).await, ["spilled"; 2]);
    bench.to.comes_back();
    assert_eq!(bench.send("test.a", &["3"]).await, ["delivered"]);
    assert_eq!(bench.dlq.counters().reordered, 1);
    assert_eq!(bench.areas(), [2, 0, 0]);
}

#[tokio::test]
async fn a_later_failure_waits_for_an_earlier_delivery_of_its_subject() {
    let to = Destination::up();
    // The first is out until it is given up; the second fails at once.
    to.answers(|event| match event.attributes().id().as_str() {
        "1" => Answer::Hang,
        _ => Answer::Fail(ErrorKind::Unavailable),
    });
    let config = Config {
        hold_patience: Duration::from_millis(50),
        ..manual()
    };
    let bench = Bench::new(to, config);
    let first = bench.send("test.a", &["1"]);
    let second = async {
        sleep(Duration::from_millis(10)).await;
        let mut later = std::pin::pin!(bench.send("test.a", &["2"]));
        let waits = timeout(Duration::from_millis(50), &mut later).await;
        assert!(waits.is_err(), "spilled before what was sent before it");
        // Gives up the first, which is spilled then.
        bench.dlq.hold();
        later.await
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!((first, second), (vec!["spilled"], vec!["spilled"]));
    bench.to.comes_back();
    bench.dlq.redrive(sink_dlq::Selection::All).await.unwrap();
    assert_eq!(bench.to.ids(), ["1", "2"]);
}

#[tokio::test]
async fn on_hold_everything_goes_to_the_spool_at_once() {
    let bench = Bench::new(Destination::up(), manual());
    bench.dlq.hold();
    assert!(bench.dlq.status().held);
    assert_eq!(bench.send("test.a", &["1", "2"]).await, ["spilled"; 2]);
    assert!(bench.to.calls().is_empty());
    assert_eq!(bench.areas(), [2, 0, 0]);
}

#[tokio::test]
async fn a_delivery_that_is_dropped_holds_up_nobody() {
    let to = Destination::new(Answer::Hang);
    let bench = Bench::new(to, manual());
    let soon = Duration::from_millis(20);
    assert!(timeout(soon, bench.send("test.a", &["1"])).await.is_err());
    bench.to.answers(|_| Answer::Fail(ErrorKind::Unavailable));
    let sent = timeout(Duration::from_secs(2), bench.send("test.a", &["2"])).await;
    assert_eq!(sent.unwrap(), ["spilled"]);
}

/// What the host and the destination do, one after another.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// Sends so many events of each subject in one call for each.
    Send { subjects: usize, each: usize },
    /// The destination goes away after so many events more.
    LeaveAfter(usize),
    /// It has no room for a subject.
    Fill(usize),
    /// It is back, and has room.
    Return,
    /// The redriver has time to work.
    Wait,
    /// The process ends and starts anew.
    Restart,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = (0..12u8, 1..4usize, 1..5usize).prop_map(|(what, subjects, each)| match what {
        0..=4 => Deed::Send { subjects, each },
        5..=6 => Deed::LeaveAfter((subjects - 1) * each),
        7 => Deed::Fill(subjects - 1),
        8..=9 => Deed::Return,
        10 => Deed::Wait,
        _ => Deed::Restart,
    });
    proptest::collection::vec(deed, 1..30)
}

proptest! {
    #![proptest_config(Runs { cases: 24, failure_persistence: None, ..Runs::default() })]
    #[test]
    fn each_subjects_order_survives_outages_and_restarts(deeds in deeds()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(play(&deeds));
    }
}

/// Which events the destination takes.
#[derive(Default)]
struct Room {
    /// How many more before it goes away; `None` while it stays.
    left: Option<usize>,
    full: Option<String>,
}

impl Room {
    fn answer(&mut self, kind: String) -> Answer {
        if self.left == Some(0) {
            return Answer::Fail(ErrorKind::Unavailable);
        }
        if self.full == Some(kind) {
            return Answer::Fail(ErrorKind::Saturated);
        }
        self.left = self.left.map(|left| left - 1);
        Answer::Ok
    }
}

async fn play(deeds: &[Deed]) {
    let room = Arc::new(Mutex::new(Room::default()));
    let to = Destination::connection();
    let theirs = Arc::clone(&room);
    to.answers(move |event| theirs.lock().unwrap().answer(kind(event)));
    let mut bench = Bench::started(to, Config::default());
    let mut accepted: HashMap<String, Vec<String>> = HashMap::new();
    let mut count = 0;
    for deed in deeds {
        match *deed {
            Deed::Send { subjects, each } => {
                for subject in 0..subjects {
                    let kind = format!("test.s{subject}");
                    let ids: Vec<String> = (0..each).map(|n| (count + n).to_string()).collect();
                    count += each;
                    let names: Vec<&str> = ids.iter().map(String::as_str).collect();
                    for outcome in bench.send(&kind, &names).await {
                        assert!(matches!(outcome, "delivered" | "spilled"), "{outcome}");
                    }
                    accepted.entry(kind).or_default().extend(ids);
                }
            }
            Deed::LeaveAfter(events) => room.lock().unwrap().left = Some(events),
            Deed::Fill(subject) => room.lock().unwrap().full = Some(format!("test.s{subject}")),
            Deed::Return => *room.lock().unwrap() = Room::default(),
            Deed::Wait => sleep(Duration::from_millis(2)).await,
            Deed::Restart => bench = bench.restart().await,
        }
    }
    *room.lock().unwrap() = Room::default();
    until("the spool is empty", || bench.areas() == [0, 0, 0]).await;
    let mut stored: HashMap<String, Vec<String>> = HashMap::new();
    for event in bench.to.stored() {
        stored.entry(kind(&event)).or_default().push(id(&event));
    }
    assert_eq!(stored, accepted);
    assert_eq!(bench.to.duplicates(), 0);
    assert_eq!(bench.dlq.counters().reordered, 0);
    bench.dlq.close().await.unwrap();
}
