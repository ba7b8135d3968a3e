//! A broker of one's own and a client of it.

use std::time::Duration;

use async_nats::jetstream::context::CreateStreamErrorKind;
use async_nats::jetstream::stream::Config;
use async_nats::jetstream::{self, Context, ErrorCode};
use sink_testkit::nats::NatsServer;
use streams::{Code, Finding, StreamReport, Topology, apply, plan};

/// The server, to be kept, and JetStream on it. `None` where there is no server to start.
pub(crate) async fn start() -> Option<(NatsServer, Context)> {
    let server = NatsServer::start_or_skip().await?;
    let client = async_nats::connect(server.url()).await.unwrap();
    Some((server, jetstream::new(client)))
}

/// Plans and applies; whatever the server refused is a failure. What passes by itself is tried
/// again: a young cluster has no leader now and then.
pub(crate) async fn ensure(js: &Context, topology: &Topology) {
    let mut attempts = 0..5;
    let applied = loop {
        let applied = match plan(js, topology).await {
            Ok(plan) => apply(js, &plan).await,
            Err(error) => Err(error),
        };
        match applied {
            Err(error) if error.is_transient() && attempts.next().is_some() => {}
            applied => break applied.unwrap(),
        }
    };
    assert!(applied.failed.is_empty(), "{:?}", applied.failed);
}

/// The codes of a report, without the note that every stream of files has.
pub(crate) fn codes(report: &StreamReport) -> Vec<&'static str> {
    let told = |finding: &&Finding| finding.code != Code::SyncUnknown;
    let findings = report.findings.iter().filter(told);
    let mut codes: Vec<&str> = findings.map(|finding| finding.code.as_str()).collect();
    codes.sort_unstable();
    codes
}

/// Makes a stream, whose namesake may just have been deleted: the server says so before the
/// files are gone.
pub(crate) async fn create(js: &Context, config: &Config) {
    for _ in 0..500 {
        let Err(error) = js.create_stream(config.clone()).await else {
            return;
        };
        let CreateStreamErrorKind::JetStream(refusal) = error.kind() else {
            panic!("{error}");
        };
        assert_eq!(refusal.error_code(), ErrorCode::STREAM_CREATE, "{refusal}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the server does not get rid of the old {}", config.name);
}
