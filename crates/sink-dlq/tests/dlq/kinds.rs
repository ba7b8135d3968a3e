use std::error::Error as _;

use events_core::{Durability, ErrorKind, EventSinkExt as _, Place};
use sink_dlq::{NotSpilled, Query, SpoolConfig};
use sink_testkit::Log;

use crate::bench::{Answer, Bench, Destination, event, manual};

#[tokio::test]
async fn the_kind_of_an_error_says_where_its_event_is_kept() {
    let table = [
        (ErrorKind::Invalid, "invalid", [0, 0, 0]),
        (ErrorKind::Rejected, "spilled", [0, 0, 1]),
        (ErrorKind::Unavailable, "spilled", [1, 0, 0]),
        (ErrorKind::Saturated, "spilled", [1, 0, 0]),
        (ErrorKind::Config, "spilled", [0, 1, 0]),
    ];
    for (kind, outcome, areas) in table {
        let bench = Bench::new(Destination::new(Answer::Fail(kind)), manual());
        assert_eq!(bench.send("test.a", &["1"]).await, [outcome], "{kind}");
        assert_eq!(bench.areas(), areas, "{kind}");
        let page = bench.dlq.list(&Query::default()).await.unwrap();
        for record in page.records {
            assert_eq!(record.subject, "consign.events.single.test.a");
            assert_eq!((record.cause.kind, record.cause.attempts), (kind, 1));
            assert_eq!(record.cause.reason, "store the event");
        }
    }
}

#[tokio::test]
async fn a_receipt_names_the_place_and_the_record_holds_the_very_bytes() {
    let bench = Bench::new(Destination::away(), manual());
    let events = vec![event("1", "test.a"), event("2", "test.b")];
    let sealed: Vec<_> = bench.sink.seal(events).into_iter().flatten().collect();
    let results = events_core::EventSink::deliver(&bench.sink, &sealed).await;
    let page = bench.dlq.list(&Query::default()).await.unwrap();
    assert_eq!(page.records.len(), 2);
    for ((record, result), event) in page.records.iter().zip(&results).zip(&sealed) {
        let receipt = result.as_ref().unwrap().receipt();
        assert_eq!(receipt.durability(), Durability::Fsynced);
        let place = receipt.place();
        assert_eq!(&record.place, place);
        assert!(matches!(place, Place::Spool { .. }));
        assert_eq!(record.event.bytes(), event.bytes());
    }
}

#[tokio::test]
async fn one_events_failure_is_its_own() {
    let to = Destination::up();
    to.answers(|event| match event.attributes().id().as_str() {
        "1" => Answer::Fail(ErrorKind::Rejected),
        "2" => Answer::Fail(ErrorKind::Invalid),
        "4" => Answer::Fail(ErrorKind::Config),
        "6" => Answer::Fail(ErrorKind::Saturated),
        _ => Answer::Ok,
    });
    let bench = Bench::new(to, manual());
    let outcomes = bench
        .send("test.a", &["0", "1", "2", "3", "4", "5", "6"])
        .await;
    let expected = [
        "delivered",
        "spilled",
        "invalid",
        "delivered",
        "spilled",
        "delivered",
        "spilled",
    ];
    assert_eq!(outcomes, expected);
    assert_eq!(bench.areas(), [1, 1, 1]);
    assert_eq!(bench.to.calls().len(), 1);
    let spilled = bench.dlq.counters().spilled;
    let counts = [spilled.saturated, spilled.config, spilled.rejected];
    assert_eq!((counts, spilled.unavailable), ([1, 1, 1], 0));
}

/// FD1: the log is not filled as well.
#[tokio::test]
async fn a_full_spool_is_told_of_once_a_second() {
    let log = Log::listen();
    let spool = SpoolConfig {
        max_bytes: 1,
        ..SpoolConfig::default()
    };
    let bench = Bench::with_spool(Destination::away(), manual(), spool);
    let ids: Vec<String> = (0..100).map(|n| n.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    assert_eq!(bench.send("test.a", &ids).await, ["unavailable"; 100]);
    assert_eq!(bench.dlq.counters().spill_failures, 100);
    let told = log.text().matches("the spool took no event").count();
    assert!((1..50).contains(&told), "told {told} times");
}

/// FD1: there is no room.
#[tokio::test]
async fn a_full_spool_gives_back_the_original_error_and_names_both() {
    let kinds = [
        ErrorKind::Unavailable,
        ErrorKind::Saturated,
        ErrorKind::Rejected,
        ErrorKind::Config,
    ];
    for kind in kinds {
        let spool = SpoolConfig {
            max_bytes: 1,
            kept_bytes: 1,
            ..SpoolConfig::default()
        };
        let to = Destination::new(Answer::Fail(kind));
        let bench = Bench::with_spool(to, manual(), spool);
        let error = bench.sink.send(event("1", "test.a")).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        let both = error.source().unwrap();
        assert!(both.is::<NotSpilled>(), "{both:?}");
        assert!(both.to_string().contains("find room"), "{both}");
        assert_eq!(both.source().unwrap().to_string(), "store the event");
        assert_eq!(bench.dlq.counters().spill_failures, 1);
        assert_eq!(bench.areas(), [0, 0, 0]);
    }
}

#[tokio::test]
async fn what_is_too_long_for_the_spool_is_refused_for_good() {
    let spool = SpoolConfig {
        max_event_bytes: 10,
        ..SpoolConfig::default()
    };
    let bench = Bench::with_spool(Destination::away(), manual(), spool);
    let error = bench.sink.send(event("1", "test.a")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected);
    assert!(error.source().unwrap().is::<NotSpilled>());
    assert_eq!(bench.dlq.counters().spill_failures, 1);
}
