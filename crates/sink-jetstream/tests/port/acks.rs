use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use events_core::{
    Claim, ErrorKind, Event, EventSink as _, EventSinkExt as _, Place, Settle, WireEvent,
};
use sink_jetstream::{Ack, Config, JetStreamSink, Mode, PublishError, Stored};

use crate::scripted::{Reply, Scripted, ack, assert_refused, event, facts, held, place};

#[tokio::test(start_paused = true)]
async fn a_receipt_names_stream_and_sequence() {
    let publisher = Scripted::new();
    publisher.answer(|_| Reply::Ack(ack("EVENTS", 42)));
    let sink = publisher.sink();
    let expected = Place::Stream {
        stream: "EVENTS".to_owned(),
        sequence: 42,
        duplicate: false,
    };
    assert_eq!(
        place(sink.send(event("demo.happened", "1")).await),
        expected
    );
}

/// FB11, FB16: whatever is no acknowledgement of the stream's own is passed over.
#[tokio::test(start_paused = true)]
async fn fb16_the_first_valid_answer_counts_and_without_one_nothing_is_delivered() {
    let bad = || {
        vec![
            Ok(ack("FAKE", 1)),
            Ok(ack("EVENTS", 0)),
            Err(PublishError::Garbled),
        ]
    };
    let publisher = Scripted::new();
    let sink = publisher.sink();
    publisher.answer(move |_| {
        let mut answers = bad();
        answers.push(Ok(ack("EVENTS", 7)));
        Reply::Many(answers)
    });
    let Place::Stream { sequence: 7, .. } = place(sink.send(event("demo.happened", "1")).await)
    else {
        panic!("another answer counted");
    };
    publisher.answer(move |_| Reply::Many(bad()));
    let forged = sink.send(event("demo.happened", "2")).await;
    assert_refused(
        forged,
        ErrorKind::Config,
        "answered for consign.events.single.demo.happened",
    );
    assert_eq!(sink.status().counters.foreign_acks, 6);
}

/// A server's first words about a subject are checked, not believed.
#[tokio::test(start_paused = true)]
async fn an_unknown_stream_has_to_prove_that_it_holds_the_event() {
    let publisher = Scripted::new();
    let sink = publisher.sink();
    let wire = sink
        .seal(vec![event("demo.happened", "1")])
        .remove(0)
        .unwrap();
    publisher.set_stream(Ok(None));
    publisher.answer(|_| Reply::Ack(ack("SOME", 1)));
    for stored in [
        Ok(None),
        Err(PublishError::TimedOut),
        Ok(Some(Stored {
            message_id: None,
            payload: "other".into(),
        })),
    ] {
        publisher.set_stored(stored);
        let results = sink.deliver(std::slice::from_ref(&wire)).await;
        assert_refused(
            results.into_iter().next().unwrap(),
            ErrorKind::Config,
            "SOME",
        );
    }
    assert_eq!(sink.status().counters.foreign_acks, 3);
    publisher.set_stored(Ok(Some(held(&wire, wire.bytes().clone()))));
    place(sink.deliver(std::slice::from_ref(&wire)).await.remove(0));
    // It is known from now on, and held to.
    assert!(
        publisher
            .published
            .lock()
            .unwrap()
            .last()
            .unwrap()
            .header("Nats-Expected-Stream")
            .is_none()
    );
    publisher.set_stored(Ok(None));
    place(sink.send(event("demo.happened", "2")).await);
    assert_eq!(
        publisher
            .published
            .lock()
            .unwrap()
            .last()
            .unwrap()
            .header("Nats-Expected-Stream"),
        Some("SOME")
    );
}

/// A login that may publish and ask nothing gets along.
#[tokio::test(start_paused = true)]
async fn a_broker_that_answers_no_questions_is_taken_at_its_first_word() {
    let publisher = Scripted::new();
    publisher.set_stream(Err(PublishError::TimedOut));
    publisher.set_stored(Err(PublishError::TimedOut));
    publisher.answer(|_| Reply::Ack(ack("FIRST", 1)));
    let sink = publisher.sink();
    place(sink.send(event("demo.happened", "1")).await);
    publisher.answer(|_| Reply::Ack(ack("SECOND", 1)));
    let other = sink.send(event("demo.happened", "2")).await;
    assert_refused(other, ErrorKind::Config, "SECOND");
    assert_eq!(sink.status().counters.foreign_acks, 1);
}

#[derive(Debug, Default)]
struct Fates(Mutex<Vec<&'static str>>);

impl Settle for Fates {
    fn kept(&self, _number: u64) {
        self.0.lock().unwrap().push("kept");
    }

    fn void(&self, _number: u64) {
        self.0.lock().unwrap().push("void");
    }
}

/// A sink whose stream says of everything that it is a duplicate of its third message.
fn said_duplicate(mode: Mode) -> (Arc<Scripted>, JetStreamSink) {
    let publisher = Scripted::new();
    publisher.answer(|_| {
        Reply::Ack(Ack {
            duplicate: true,
            ..ack("EVENTS", 3)
        })
    });
    let sink = publisher.sink_with(Config {
        mode,
        ..Config::default()
    });
    (publisher, sink)
}

/// What a signer learns when the stream says `duplicate` and holds `stored`.
async fn fate_of_duplicate(
    mode: Mode,
    stored: impl Fn(&JetStreamSink, &WireEvent) -> Result<Option<Stored>, PublishError>,
) -> Vec<&'static str> {
    let (publisher, sink) = said_duplicate(mode);
    let fates = Arc::new(Fates::default());
    let signer: Arc<dyn Settle> = fates.clone();
    let mut numbered = event("demo.happened", "1");
    numbered.set_claim(Claim::new(signer, 1));
    let wire = sink.seal(vec![numbered]).remove(0).unwrap();
    publisher.set_stored(stored(&sink, &wire));
    let result = sink.deliver(std::slice::from_ref(&wire)).await.remove(0);
    let Place::Stream {
        duplicate: true,
        sequence: 3,
        ..
    } = place(result)
    else {
        panic!("not said to be a duplicate");
    };
    drop(wire);
    let fates = fates.0.lock().unwrap();
    fates.clone()
}

#[tokio::test(start_paused = true)]
async fn a_duplicate_keeps_our_number_only_if_our_bytes_are_stored() {
    let ours = |_: &JetStreamSink, wire: &WireEvent| Ok(Some(held(wire, wire.bytes().clone())));
    assert_eq!(fate_of_duplicate(Mode::Structured, ours).await, ["kept"]);
    let resent = |sink: &JetStreamSink, _: &WireEvent| {
        let other = Event::builder("1", "/test", "demo.other").build().unwrap();
        let other = sink.seal(vec![other]).remove(0).unwrap();
        Ok(Some(held(&other, other.bytes().clone())))
    };
    assert_eq!(fate_of_duplicate(Mode::Structured, resent).await, ["void"]);
    // Consumed from a work queue, or not to be read: a declared number that is found all the same
    // is no finding, while a kept one that is missing would be.
    assert_eq!(
        fate_of_duplicate(Mode::Structured, |_, _| Ok(None)).await,
        ["void"]
    );
    let unread = |_: &JetStreamSink, _: &WireEvent| Err(PublishError::TimedOut);
    assert_eq!(fate_of_duplicate(Mode::Structured, unread).await, ["void"]);
    // In binary mode, or stored in binary mode before the setting was changed, or after.
    let body = |_: &JetStreamSink, wire: &WireEvent| Ok(Some(held(wire, "{}")));
    for mode in [Mode::Binary, Mode::Structured] {
        assert_eq!(fate_of_duplicate(mode, body).await, ["void"]);
    }
    assert_eq!(fate_of_duplicate(Mode::Binary, ours).await, ["void"]);
}

/// A forger may say that it is a duplicate of whatever stands there.
#[tokio::test(start_paused = true)]
async fn a_duplicate_of_another_event_is_no_duplicate() {
    for mode in [Mode::Structured, Mode::Binary] {
        let (publisher, sink) = said_duplicate(mode);
        let other = sink.seal(vec![event("demo.happened", "2")]);
        let other = other.into_iter().next().unwrap().unwrap();
        publisher.set_stored(Ok(Some(held(&other, other.bytes().clone()))));
        let forged = sink.send(event("demo.happened", "1")).await;
        assert_refused(forged, ErrorKind::Config, "EVENTS");
        assert_eq!(sink.status().counters.foreign_acks, 1);
    }
}

/// Each of them is worth a question, and they do not end.
#[tokio::test(start_paused = true)]
async fn a_forger_who_goes_on_does_not_hold_an_event_up() {
    let publisher = Scripted::new();
    publisher.set_stream(Ok(None));
    publisher.answer(|_| Reply::Silence);
    let config = Config::default();
    let longest = config.ack_timeout + config.lookup_timeout;
    let sink = publisher.sink_with(config);
    let forger = {
        let publisher = Arc::clone(&publisher);
        tokio::spawn(async move {
            for sequence in 1.. {
                tokio::time::sleep(Duration::from_secs(1)).await;
                publisher.is_mute.store(true, Ordering::Relaxed);
                for sender in publisher.unanswered.lock().unwrap().iter() {
                    sender.answer(Ok(ack("FAKE", sequence)));
                }
            }
        })
    };
    let start = tokio::time::Instant::now();
    let forged = sink.send(event("demo.happened", "1")).await;
    assert_refused(forged, ErrorKind::Config, "FAKE");
    assert!(start.elapsed() <= longest, "{:?}", start.elapsed());
    forger.abort();
}

#[tokio::test(start_paused = true)]
async fn in_binary_mode_attributes_are_headers() {
    let publisher = Scripted::new();
    publisher.set_stream(Ok(Some(facts("EVENTS"))));
    let sink = publisher.sink_with(Config {
        mode: Mode::Binary,
        ..Config::default()
    });
    let happened = Event::builder("1 2", "/test", "demo.happened").json(r#"{"n":1.10}"#);
    place(sink.send(happened.build().unwrap()).await);
    let published = publisher.published.lock().unwrap();
    let message = published.first().unwrap();
    assert_eq!(message.payload, r#"{"n":1.10}"#);
    assert_eq!(message.header("ce-id"), Some("1%202"));
    assert_eq!(
        message.header("ce-datacontenttype"),
        Some("application/json")
    );
    assert_eq!(message.header("Content-Type"), None);
    assert!(message.header("Nats-Msg-Id").is_some());
}
