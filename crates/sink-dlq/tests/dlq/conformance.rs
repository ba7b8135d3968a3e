use events_core::ErrorKind;
use sink_dlq::{Config, DlqSink, Spool, SpoolConfig};
use sink_testkit::wrapper::{self, Features};

#[tokio::test]
async fn it_is_a_wrapper_that_absorbs_what_it_spills() {
    let dir = tempfile::tempdir().unwrap();
    let count = std::cell::Cell::new(0);
    let features = Features {
        absorbs: vec![
            ErrorKind::Rejected,
            ErrorKind::Unavailable,
            ErrorKind::Saturated,
            ErrorKind::Config,
        ],
        ..Features::default()
    };
    let wrap = |probe| {
        count.set(count.get() + 1);
        let path = dir.path().join(count.get().to_string());
        let spool = Spool::open(path, SpoolConfig::default()).unwrap();
        DlqSink::new(probe, spool, Config::default())
    };
    wrapper::all(wrap, features.clone()).await.unwrap();
    let started = |probe| {
        let sink = wrap(probe);
        sink.start();
        sink
    };
    wrapper::all(started, features).await.unwrap();
}
