use std::time::{Duration, Instant};

use events_core::{ErrorKind, EventSinkExt as _};
use sink_jetstream::{Auth, BreakerState, Config, ConnectOptions};

use crate::broker::{
    Broker, PATIENCE, assert_good_event_goes_through, assert_refused, config, connect, event,
    stored,
};

const USERS: &str = r#"
authorization { users = [
  { user: admin, password: admin }
  { user: sink, password: secret, permissions: {
      publish: { allow: ["consign.events.>", "$JS.API.>"] }, subscribe: "_INBOX.>" } }
  { user: mute, password: secret, permissions: {
      publish: { allow: ["consign.events.>"] }, subscribe: "_INBOX.>" } }
] }
no_auth_user: admin
"#;

fn options(broker: &Broker, user: &str) -> ConnectOptions {
    ConnectOptions {
        auth: Auth::UserPassword {
            user: user.to_owned(),
            password: "secret".to_owned().into(),
        },
        ..broker.options()
    }
}

/// The server says so beside the answers: without a look there it is an outage.
#[tokio::test]
async fn fb19_a_subject_the_login_may_not_publish_to_is_a_mistake_and_no_outage() {
    let Some(broker) = Broker::start(USERS).await else {
        return;
    };
    broker.stream("AUDIT", "consign.audit.>").await;
    let patient = Config {
        ack_timeout: PATIENCE,
        ..config()
    };
    let sink = connect(options(&broker, "sink"), patient).await;
    assert!(sink.wait_connected(PATIENCE).await);
    for id in ["1", "2"] {
        let start = Instant::now();
        let denied = sink.send(event("audit.kept", id)).await;
        assert_refused(
            denied,
            ErrorKind::Config,
            "may not publish to consign.audit.acme.kept",
        );
        assert!(start.elapsed() < PATIENCE / 2, "{:?}", start.elapsed());
        assert_good_event_goes_through(&sink).await;
    }
    let BreakerState::Config { reason } = sink.debug_state() else {
        panic!("not shown");
    };
    assert!(reason.contains("consign.audit.acme.kept"), "{reason}");
}

/// A login that may publish and ask nothing.
#[tokio::test]
async fn a_login_that_may_only_publish_gets_along() {
    let Some(broker) = Broker::start(USERS).await else {
        return;
    };
    let sink = connect(options(&broker, "mute"), config()).await;
    assert!(sink.wait_connected(PATIENCE).await);
    stored(sink.send(event("demo.happened", "1")).await);
    assert_good_event_goes_through(&sink).await;
    assert_eq!(sink.debug_state(), BreakerState::Connected);
}

#[tokio::test]
async fn fb19_a_refused_login_is_a_mistake_and_no_outage() {
    let Some(broker) = Broker::start(USERS).await else {
        return;
    };
    let sink = connect(options(&broker, "nobody"), config()).await;
    let end = Instant::now() + PATIENCE;
    while sink.debug_state().as_str() != "config" {
        assert!(Instant::now() < end, "{:?}", sink.debug_state());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let refused = sink.send(event("demo.happened", "1")).await;
    assert_refused(refused, ErrorKind::Config, "the broker lets nobody in");
    assert_eq!(sink.status().counters.published, 0);
}
