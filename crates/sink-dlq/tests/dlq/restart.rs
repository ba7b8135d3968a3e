use std::time::Duration;

use events_core::ErrorKind;
use sink_dlq::{Config, DlqSink, Selection, Spool, SpoolConfig};

use crate::bench::{Answer, Bench, Destination, id, until};

#[tokio::test]
async fn a_restart_in_the_middle_of_redriving_loses_and_doubles_nothing() {
    let config = || Config {
        redrive_batch: 4,
        ..Config::default()
    };
    let bench = Bench::started(Destination::away(), config());
    let ids: Vec<String> = (0..40).map(|n| n.to_string()).collect();
    for id in &ids {
        bench.send("test.a", &[id]).await;
    }
    // Takes a few and then no more.
    bench.to.answers(|event| match id(event).parse::<u32>() {
        Ok(0..=9) => Answer::Ok,
        _ => Answer::Hang,
    });
    until("some are through", || bench.to.ids().len() == 10).await;
    let Bench { to, sink, dlq, dir } = bench;
    drop((sink, dlq));
    to.comes_back();
    let spool = reopen(dir.path().join("spool")).await;
    let sink = DlqSink::new(to.clone(), spool, config());
    sink.start();
    let dlq = sink.handle();
    until("it is drained", || dlq.status().spool.waiting.records == 0).await;
    assert_eq!(to.ids(), ids);
    dlq.close().await.unwrap();
}

#[tokio::test]
async fn closing_notes_what_was_redriven() {
    let bench = Bench::started(Destination::away(), Config::default());
    bench.send("test.a", &["1", "2", "3"]).await;
    bench.to.comes_back();
    until("it is drained", || bench.to.ids().len() == 3).await;
    bench.dlq.close().await.unwrap();
    let Bench { sink, dlq, dir, .. } = bench;
    drop((sink, dlq));
    let spool = reopen(dir.path().join("spool")).await;
    assert_eq!(spool.status().waiting.records, 0);
}

#[tokio::test]
async fn closing_does_not_wait_for_ever_and_keeps_what_is_out() {
    let config = Config {
        close_patience: Duration::from_millis(50),
        ..Config::default()
    };
    let bench = Bench::started(Destination::away(), config);
    bench.send("test.a", &["1"]).await;
    let calls = bench.to.calls().len();
    bench.to.answers(|_| Answer::Hang);
    until("it hangs", || bench.to.calls().len() > calls).await;
    bench.dlq.close().await.unwrap();
    let error = bench.send("test.b", &["2"]);
    bench.to.answers(|_| Answer::Fail(ErrorKind::Unavailable));
    assert_eq!(error.await, ["unavailable"]);
    let Bench { sink, dlq, dir, .. } = bench;
    drop((sink, dlq));
    let spool = reopen(dir.path().join("spool")).await;
    assert_eq!(spool.status().waiting.records, 1);
}

/// Whoever waits for its turn to redrive does not begin once everything is to end.
#[tokio::test]
async fn closing_ends_what_an_operator_is_about_to_redrive() {
    let config = Config {
        close_patience: Duration::from_millis(50),
        ..Config::default()
    };
    let bench = Bench::started(Destination::away(), config);
    bench.send("test.a", &["1"]).await;
    let calls = bench.to.calls().len();
    bench.to.answers(|_| Answer::Hang);
    until("it hangs", || bench.to.calls().len() > calls).await;
    let operator = bench.dlq.clone();
    let redrive = tokio::spawn(async move { operator.redrive(Selection::All).await });
    tokio::task::yield_now().await;
    let calls = bench.to.calls().len();
    bench.dlq.close().await.unwrap();
    let report = redrive.await.unwrap().unwrap();
    assert_eq!((report.stored, report.left), (0, 1));
    assert_eq!(bench.to.calls().len(), calls);
}

/// The directory is free once the last task that has it is gone.
async fn reopen(dir: std::path::PathBuf) -> Spool {
    for _ in 0..500 {
        if let Ok(spool) = Spool::open(&dir, SpoolConfig::default()) {
            return spool;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the spool stays held");
}
