use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use events_bus::{Bus, Item, Queue};
use events_core::{
    Claim, Draft, ErrorKind, EventSink, EventSinkExt as _, Outcome, Place, Settle, SinkError,
    WireEvent,
};
use sink_testkit::wrapper::{self, Features};
use sink_testkit::{FlakySink, Step};

use crate::kit::{all, bus, event, next, numbered, taken};

#[tokio::test(start_paused = true)]
async fn around_a_chain_it_is_a_wrapper_like_any_other() {
    let wrap = |inner| Bus::new(Arc::new(inner), Arc::default());
    wrapper::all(wrap, Features::default()).await.unwrap();
}

#[tokio::test]
async fn what_is_heard_is_the_sealed_event_that_was_stored() {
    let (bus, sink) = bus();
    let mut subscription = all(&bus, Queue::default());
    let outcome = bus.emit(event("1", "a.b")).await.unwrap();
    assert_eq!(outcome.as_str(), "delivered");
    let item = next(&mut subscription).await;
    let (heard, stored) = (item.event().unwrap().bytes(), sink.events().remove(0));
    assert_eq!(
        heard.as_ptr(),
        stored.bytes().as_ptr(),
        "the same bytes, shared"
    );
}

#[tokio::test]
async fn what_nobody_has_custody_of_is_not_heard() {
    let failing = Step::Fail(ErrorKind::Unavailable);
    let sink = FlakySink::script_per_event([Step::Ok, failing, Step::Ok]);
    let bus = Bus::new(Arc::new(sink), Arc::default());
    let mut subscription = all(&bus, Queue::default());
    let events = ["1", "2", "3"].map(|id| event(id, "a.b"));
    let results = bus.send_all(events.into()).await;
    let ok: Vec<bool> = results.iter().map(Result::is_ok).collect();
    assert_eq!(ok, [true, false, true]);
    assert_eq!(taken(&mut subscription), ["1", "3"]);
}

/// Spills every event whose id is even.
#[derive(Debug)]
struct SpillsEven;

#[async_trait]
impl EventSink for SpillsEven {
    fn prepare(&self, _: &mut [Draft]) {}

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        let outcome = |event: &WireEvent| {
            let id: u32 = event.attributes().id().as_str().parse().unwrap();
            Ok(match id % 2 {
                0 => Outcome::spilled(event, Place::Noop),
                _ => Outcome::delivered(event, Place::Noop),
            })
        };
        events.iter().map(outcome).collect()
    }
}

impl fmt::Display for SpillsEven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("spills-even")
    }
}

#[tokio::test]
async fn who_wants_what_is_spilled_hears_nothing_else() {
    let bus = Bus::new(Arc::new(SpillsEven), Arc::default());
    let of = |pattern: &str| bus.subscribe_spilled(pattern.parse().unwrap(), Queue::default());
    let (mut spilled, mut others) = (of("*.*.*.a.>"), of("*.*.*.b.>"));
    let ids = ["1", "2"].map(|id| event(id, "a.b"));
    assert_eq!(bus.send_all(ids.into()).await.len(), 2);
    assert_eq!(bus.counts().published, 1, "nobody could want the first");
    let mut everything = all(&bus, Queue::default());
    let ids = ["3", "4"].map(|id| event(id, "a.b"));
    assert_eq!(bus.send_all(ids.into()).await.len(), 2);
    for is_spilled in [false, true] {
        let Item::Event(heard) = next(&mut everything).await else {
            panic!("all of it comes");
        };
        assert_eq!(heard.is_spilled(), is_spilled);
    }
    assert_eq!(taken(&mut spilled), ["2", "4"]);
    assert!(taken(&mut others).is_empty());
    assert_eq!(bus.counts().subscriptions, 3);
    drop((spilled, others, everything));
    assert_eq!(bus.counts().subscriptions, 0);
}

#[tokio::test]
async fn an_event_that_has_no_subject_is_refused() {
    let (bus, sink) = bus();
    let error = bus.emit(event("1", "what is this")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(sink.events().is_empty());
}

#[tokio::test]
async fn a_bus_without_a_chain_emits_nothing() {
    let bus = Bus::listening(Arc::default());
    let error = bus.emit(event("1", "a.b")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

/// Fates of numbers, as a signer is told them.
#[derive(Debug, Default)]
struct Fates(Mutex<Vec<(&'static str, u64)>>);

impl Settle for Fates {
    fn kept(&self, number: u64) {
        self.0.lock().unwrap().push(("kept", number));
    }

    fn void(&self, number: u64) {
        self.0.lock().unwrap().push(("void", number));
    }
}

#[tokio::test]
async fn as_a_leaf_it_passes_on_and_keeps_no_number() {
    let bus = Bus::listening(Arc::default());
    assert_eq!(bus.to_string(), "bus");
    let mut subscription = all(&bus, Queue::default());
    let fates = Arc::new(Fates::default());
    let mut numbered = event("1", "a.b");
    numbered.set_claim(Claim::new(fates.clone(), 7));
    let sealed: Vec<WireEvent> = bus.seal(vec![numbered]).into_iter().flatten().collect();
    let results = bus.deliver(&sealed).await;
    assert_eq!(*results[0].as_ref().unwrap().receipt().place(), Place::Noop);
    drop((results, sealed));
    assert_eq!(taken(&mut subscription), ["1"]);
    assert_eq!(*fates.0.lock().unwrap(), [("void", 7)]);
}

#[tokio::test]
async fn a_batch_keeps_its_order() {
    let bus = Bus::listening(Arc::default());
    let mut subscription = all(&bus, Queue::default());
    bus.hear(&numbered(500, "a.b")).await;
    let ids = taken(&mut subscription);
    assert!(ids.iter().map(|id| id.parse::<u32>().unwrap()).eq(1..=500));
}
