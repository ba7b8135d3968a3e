//! FD3: the disk does not give a record back.

use std::path::PathBuf;

use events_core::Place;
use sink_dlq::{Config, Query, RecordId, Selection, SpoolConfig};
use sink_testkit::Log;

use crate::bench::{Bench, Destination, manual, until};

/// Two records of each of two subjects, every record in a segment of its own.
async fn bench(config: Config) -> (Bench, Vec<(RecordId, PathBuf)>) {
    let spool = SpoolConfig {
        segment_bytes: 1,
        reserve_bytes: 0,
        ..SpoolConfig::default()
    };
    let bench = Bench::with_spool(Destination::away(), config, spool);
    for (kind, id) in [("a", "a1"), ("b", "b1"), ("a", "a2"), ("b", "b2")] {
        bench.send(&format!("test.{kind}"), &[id]).await;
    }
    let page = bench.dlq.list(&Query::default()).await.unwrap();
    let dir = bench.dir.path().join("spool/waiting");
    let each = page.records.iter().map(|record| match &record.place {
        Place::Spool { segment, .. } => (record.id, dir.join(segment)),
        other => panic!("{other:?}"),
    });
    let records = each.collect();
    bench.to.comes_back();
    (bench, records)
}

fn take_away(segment: &PathBuf) {
    std::fs::rename(segment, segment.with_extension("away")).unwrap();
}

fn give_back(segment: &PathBuf) {
    std::fs::rename(segment.with_extension("away"), segment).unwrap();
}

#[tokio::test]
async fn a_record_that_cannot_be_read_holds_up_its_own_subject_alone() {
    let log = Log::listen();
    let (bench, records) = bench(Config::default()).await;
    let (_, segment) = &records[0];
    take_away(segment);
    bench.sink.start();
    until("the other subject is through", || {
        bench.to.ids() == ["b1", "b2"]
    })
    .await;
    until("it is counted", || bench.dlq.counters().unreadable == 1).await;
    assert!(log.text().contains("a record cannot be read"));
    assert_eq!(bench.send("test.a", &["a3"]).await, ["spilled"]);
    assert_eq!(bench.send("test.b", &["b3"]).await, ["delivered"]);
    give_back(segment);
    until("all is through", || bench.areas() == [0, 0, 0]).await;
    assert_eq!(bench.to.ids(), ["b1", "b2", "b3", "a1", "a2", "a3"]);
    assert_eq!(bench.dlq.counters().unreadable, 1);
}

#[tokio::test]
async fn an_operator_is_told_of_it_and_can_drop_it() {
    let (bench, records) = bench(manual()).await;
    let (id, segment) = &records[0];
    take_away(segment);
    let report = bench.dlq.redrive(Selection::All).await.unwrap();
    assert_eq!((report.stored, report.left), (2, 2), "{report:?}");
    let failed: Vec<RecordId> = report.failed.iter().map(|failed| failed.id).collect();
    assert_eq!(failed, [*id, records[2].0]);
    assert!(report.failed[0].reason.contains("read "), "{report:?}");
    assert_eq!(bench.dlq.drop(&[*id]).await.unwrap(), 1);
    let report = bench.dlq.redrive(Selection::All).await.unwrap();
    assert_eq!((report.stored, report.left), (1, 0), "{report:?}");
    assert_eq!(bench.to.ids(), ["b1", "b2", "a2"]);
}
