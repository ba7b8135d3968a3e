use events_core::{ErrorKind, EventSinkExt as _};
use sink_jetstream::{BreakerState, Message, PublishError, Refusal, StreamFacts};

use crate::scripted::{Reply, Scripted, acked, assert_refused, event, facts, patient, place};

/// G7: what is wrong with one event or one stream harms no other.
#[tokio::test(start_paused = true)]
async fn after_every_refusal_the_next_event_on_another_subject_goes_through() {
    let refused = |status, code| PublishError::Refused(Refusal::new(status, code, "told"));
    let errors = [
        (
            PublishError::NoResponders,
            ErrorKind::Unavailable,
            "no stream captures",
        ),
        (PublishError::TooLarge, ErrorKind::Rejected, "larger"),
        (PublishError::BadSubject, ErrorKind::Rejected, "subject"),
        (PublishError::Denied, ErrorKind::Config, "may not publish"),
        (PublishError::Busy, ErrorKind::Saturated, "unanswered"),
        (
            refused(503, 10077),
            ErrorKind::Saturated,
            "told (status 503, code 10077)",
        ),
        (refused(503, 10023), ErrorKind::Saturated, "10023"),
        (refused(400, 10060), ErrorKind::Unavailable, "10060"),
        (refused(400, 10054), ErrorKind::Rejected, "10054"),
        (refused(500, 10118), ErrorKind::Unavailable, "10118"),
        (refused(400, 10109), ErrorKind::Config, "10109"),
        (refused(400, 19999), ErrorKind::Config, "19999"),
    ];
    for (error, kind, words) in errors {
        for handed_over in [true, false] {
            let publisher = Scripted::new();
            let sink = publisher.sink_with(patient());
            let error = error.clone();
            publisher.answer(move |message: &Message| match message.subject.as_str() {
                subject if subject.ends_with("good") => acked("EVENTS", 1),
                _ if handed_over => Reply::Error(error.clone()),
                _ => Reply::Refused(error.clone()),
            });
            assert_refused(sink.send(event("demo.bad", "1")).await, kind, words);
            place(sink.send(event("demo.good", "1")).await);
            assert_ne!(sink.debug_state().as_str(), "reconnecting");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_concerns_the_whole_broker_opens_the_breaker() {
    let refused = |code| PublishError::Refused(Refusal::new(503, code, "told"));
    for error in [
        PublishError::Disconnected,
        PublishError::TimedOut,
        refused(10008),
        refused(10041),
    ] {
        let publisher = Scripted::new();
        let sink = publisher.sink_with(patient());
        publisher.answer(move |_| Reply::Error(error.clone()));
        assert_refused(
            sink.send(event("demo.bad", "1")).await,
            ErrorKind::Unavailable,
            "",
        );
        assert_eq!(sink.debug_state().as_str(), "reconnecting");
    }
}

/// A subject that no stream captures, with somebody else listening: nothing answers.
#[tokio::test(start_paused = true)]
async fn silence_where_no_stream_listens_is_no_outage() {
    let publisher = Scripted::new();
    publisher.set_stream(Ok(None));
    publisher.answer(|_| Reply::Silence);
    let sink = publisher.sink();
    let lost = || sink.send(event("demo.lost", "1"));
    assert_refused(lost().await, ErrorKind::Unavailable, "no stream captures");
    // It takes as long to be silent again, which is as long as an election may last.
    assert_refused(lost().await, ErrorKind::Config, "no stream captures");
    assert_eq!(sink.debug_state().as_str(), "config");
    assert_eq!(sink.status().faults.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stream_known_to_acknowledge_nothing_is_not_published_to() {
    let publisher = Scripted::new();
    publisher.set_stream(Ok(Some(StreamFacts {
        no_ack: true,
        ..facts("MUTE")
    })));
    let sink = publisher.sink();
    assert_refused(
        sink.send(event("demo.lost", "1")).await,
        ErrorKind::Config,
        "MUTE has no_ack",
    );
    assert_eq!(publisher.count(), 0);
    publisher.set_stream(Ok(Some(facts("EVENTS"))));
    tokio::time::advance(std::time::Duration::from_secs(2)).await;
    place(sink.send(event("demo.lost", "1")).await);
    assert_eq!(sink.debug_state(), BreakerState::Connected);
}

/// The mistyped event was dropped, and nobody sends to its subject again.
#[tokio::test(start_paused = true)]
async fn a_mistake_that_nobody_repeats_is_no_state_for_ever() {
    let publisher = Scripted::new();
    publisher.answer(|message| match message.subject.as_str() {
        subject if subject.ends_with("mistyped") => Reply::Error(PublishError::Denied),
        _ => acked("EVENTS", 1),
    });
    let sink = publisher.sink();
    let mistyped = sink.send(event("demo.mistyped", "1")).await;
    assert_refused(mistyped, ErrorKind::Config, "may not publish");
    place(sink.send(event("demo.happened", "1")).await);
    assert_eq!(sink.debug_state().as_str(), "config");
    tokio::time::advance(std::time::Duration::from_secs(120)).await;
    assert_eq!(sink.debug_state(), BreakerState::Connected);
    assert!(sink.status().faults.is_empty());
}

/// What a server says may be anything: it is shortened and cannot forge a log line.
#[test]
fn a_servers_words_stay_on_one_line() {
    let words = format!("a\r\nb\u{1b}[31m{}", "x".repeat(1000));
    let text = Refusal::new(400, 1, &words).to_string();
    assert!(text.chars().all(|c| !c.is_control()), "{text:?}");
    assert!(text.len() < 250);
}

/// The broker says that a stream captures the subject: then its servers elect a leader.
#[tokio::test(start_paused = true)]
async fn fb6_an_election_is_no_mistake_however_long_it_lasts() {
    let publisher = Scripted::new();
    publisher.answer(|_| Reply::Error(PublishError::NoResponders));
    let sink = publisher.sink();
    let lost = || sink.send(event("demo.happened", "1"));
    assert_refused(lost().await, ErrorKind::Unavailable, "");
    tokio::time::advance(std::time::Duration::from_secs(60)).await;
    assert_refused(lost().await, ErrorKind::Unavailable, "it has no leader");
    assert_eq!(sink.debug_state(), BreakerState::Connected);
    publisher.set_stream(Ok(None));
    tokio::time::advance(std::time::Duration::from_secs(2)).await;
    assert_refused(lost().await, ErrorKind::Config, "no stream captures");
}
