use std::sync::Arc;
use std::time::Duration;

use events_core::{ErrorKind, EventSink as _, EventSinkExt as _};
use sink_jetstream::{BreakerState, JetStreamSink, Link, LinkState, PublishError};
use tokio::time::{advance, timeout};

use crate::scripted::{Reply, Scripted, acked, assert_refused, event, patient, place, sealed};

/// A sink whose breaker opened and may probe again, and how much was published so far.
async fn at_half_open(publisher: &Arc<Scripted>) -> (JetStreamSink, usize) {
    let sink = publisher.sink();
    publisher.answer(|_| Reply::Error(PublishError::Disconnected));
    let lost = sink.send(event("demo.happened", "lost")).await;
    assert_refused(
        lost,
        ErrorKind::Unavailable,
        "the connection to the broker was lost",
    );
    assert_eq!(sink.debug_state().as_str(), "reconnecting");
    advance(Duration::from_millis(100)).await;
    (sink, publisher.count())
}

#[tokio::test(start_paused = true)]
async fn a_thousand_sends_at_half_open_make_one_publish() {
    let publisher = Scripted::new();
    let (sink, before) = at_half_open(&publisher).await;
    publisher.answer(|_| Reply::Silence);
    let sends = (0..1000).map(|id| {
        let sink = sink.clone();
        tokio::spawn(async move { sink.send(event("demo.happened", &id.to_string())).await })
    });
    for send in sends.collect::<Vec<_>>() {
        assert_refused(send.await.unwrap(), ErrorKind::Unavailable, "");
    }
    assert_eq!(publisher.count() - before, 1);
    assert!(matches!(
        sink.debug_state(),
        BreakerState::Reconnecting { attempt: 1, .. }
    ));
}

#[tokio::test(start_paused = true)]
async fn a_batch_at_half_open_sends_its_first_event_and_the_rest_once_that_is_through() {
    let publisher = Scripted::new();
    let (sink, before) = at_half_open(&publisher).await;
    publisher.answer(|_| acked("EVENTS", 1));
    for result in sink.deliver(&sealed(&sink, 100)).await {
        place(result);
    }
    assert_eq!(publisher.count() - before, 100);
    assert_eq!(sink.debug_state(), BreakerState::Connected);
}

#[tokio::test(start_paused = true)]
async fn a_batch_whose_probe_fails_costs_one_publish() {
    let publisher = Scripted::new();
    let (sink, before) = at_half_open(&publisher).await;
    let mut results = sink.deliver(&sealed(&sink, 100)).await.into_iter();
    assert_refused(results.next().unwrap(), ErrorKind::Unavailable, "was lost");
    for result in results {
        assert_refused(
            result,
            ErrorKind::Unavailable,
            "reconnecting state, attempt 1",
        );
    }
    assert_eq!(publisher.count() - before, 1);
}

/// An event that cannot be published is no probe: the next one is.
#[tokio::test(start_paused = true)]
async fn a_bad_event_does_not_use_up_the_probe() {
    let publisher = Scripted::new();
    let (sink, before) = at_half_open(&publisher).await;
    let limit = sealed(&sink, 1)[0].bytes().len() + 300;
    publisher.set_link(Link {
        max_payload: Some(limit),
        ..Link::up(1)
    });
    publisher.answer(|_| acked("EVENTS", 1));
    let large = events_core::Event::builder("large", "/test", "demo.happened");
    let large = large
        .json(&format!("{:?}", "x".repeat(1000)))
        .build()
        .unwrap();
    let mut results = sink
        .send_all(vec![large, event("demo.happened", "small")])
        .await;
    place(results.pop().unwrap());
    assert_refused(
        results.pop().unwrap(),
        ErrorKind::Rejected,
        "the server takes",
    );
    assert_eq!(publisher.count() - before, 1);
    assert_eq!(sink.debug_state(), BreakerState::Connected);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_is_dropped_gives_its_place_to_the_next() {
    let publisher = Scripted::new();
    let (sink, before) = at_half_open(&publisher).await;
    publisher.answer(|_| Reply::Silence);
    let probe = sink.send(event("demo.happened", "dropped"));
    assert!(timeout(Duration::from_millis(10), probe).await.is_err());
    publisher.answer(|_| acked("EVENTS", 1));
    place(sink.send(event("demo.happened", "next")).await);
    assert_eq!(publisher.count() - before, 2);
    assert_eq!(sink.debug_state(), BreakerState::Connected);
    assert_eq!(sink.status().in_flight, 0);
}

#[tokio::test(start_paused = true)]
async fn without_a_connection_nothing_is_published_and_a_new_one_ends_the_wait() {
    let publisher = Scripted::new();
    publisher.set_link(Link::down(0, "connection refused"));
    let sink = publisher.sink_with(patient());
    assert_eq!(
        sink.debug_state(),
        BreakerState::Reconnecting {
            attempt: 0,
            next_after: Duration::ZERO
        }
    );
    let first = sink.send(event("demo.happened", "1")).await;
    assert_refused(first, ErrorKind::Unavailable, "connection refused");
    let second = sink.send(event("demo.happened", "1")).await;
    assert_refused(
        second,
        ErrorKind::Unavailable,
        "reconnecting state, attempt 0",
    );
    assert!(!sink.wait_connected(Duration::from_millis(100)).await);
    assert_eq!(publisher.count(), 0);
    publisher.set_link(Link::up(1));
    assert!(sink.wait_connected(Duration::from_millis(100)).await);
    place(sink.send(event("demo.happened", "1")).await);
    assert_eq!(sink.debug_state(), BreakerState::Connected);
}

#[tokio::test(start_paused = true)]
async fn an_acknowledgement_is_waited_for_as_long_as_the_settings_say() {
    let publisher = Scripted::new();
    publisher.answer(|_| Reply::Silence);
    let sink = publisher.sink();
    let start = tokio::time::Instant::now();
    let silent = sink.send(event("demo.happened", "1")).await;
    assert_refused(silent, ErrorKind::Unavailable, "did not answer in time");
    assert_eq!(start.elapsed().as_secs(), 5);
    assert_eq!(sink.debug_state().as_str(), "reconnecting");
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_without_a_connection_makes_no_attempt() {
    let publisher = Scripted::new();
    let sink = publisher.sink();
    publisher.set_link(Link::down(1, "connection refused"));
    for _ in 0..50 {
        let away = sink.send(event("demo.happened", "1")).await;
        assert_refused(away, ErrorKind::Unavailable, "connection refused");
        let BreakerState::Reconnecting { attempt: 0, .. } = sink.debug_state() else {
            panic!("{:?}", sink.debug_state());
        };
        advance(Duration::from_secs(180)).await;
    }
    assert_eq!(publisher.count(), 0);
}

/// FB19: the state is the operator's to change, so that the breaker has nothing to wait for.
#[tokio::test(start_paused = true)]
async fn fb19_a_login_that_is_refused_is_a_mistake_and_no_outage() {
    let publisher = Scripted::new();
    let reason = "user authentication expired".into();
    publisher.set_link(Link {
        state: LinkState::Refused { reason },
        ..Link::up(1)
    });
    let sink = publisher.sink();
    for _ in 0..3 {
        let refused = sink.send(event("demo.happened", "1")).await;
        assert_refused(refused, ErrorKind::Config, "user authentication expired");
    }
    assert_eq!(publisher.count(), 0);
    let BreakerState::Config { reason } = sink.debug_state() else {
        panic!("not shown");
    };
    assert!(reason.contains("expired"), "{reason}");
    publisher.set_link(Link::up(2));
    place(sink.send(event("demo.happened", "1")).await);
    assert_eq!(sink.debug_state(), BreakerState::Connected);
}

#[tokio::test(start_paused = true)]
async fn the_state_serialises_as_one_flat_object() {
    let publisher = Scripted::new();
    let sink = publisher.sink();
    let json = serde_json::to_value(sink.status()).unwrap();
    let expected = r#"{"state":"connected","attempt":0,"next_probe_ms":0,"reason":null}"#;
    assert_eq!(
        json["breaker"],
        serde_json::from_str::<serde_json::Value>(expected).unwrap()
    );
    assert_eq!(json["nats"]["connected"], true);
    assert_eq!(sink.to_string(), "jetstream");
}
