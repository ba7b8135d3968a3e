use std::time::{Duration, Instant};

use async_nats::jetstream::stream;
use events_core::{ErrorKind, EventSink as _, EventSinkExt as _};
use futures::StreamExt as _;
use sink_jetstream::{BreakerState, Config, Mode};

use crate::broker::{
    Broker, PATIENCE, assert_good_event_goes_through, assert_refused, config, event, sealed, stored,
};

#[tokio::test]
async fn a_batch_is_stored_in_order_and_each_event_told_where() {
    let Some(broker) = Broker::start("").await else {
        return;
    };
    let sink = broker.sink().await;
    let events = sealed(&sink, "demo.happened", 0..1000);
    let places = sink.deliver(&events).await.into_iter().map(stored);
    let sequences: Vec<u64> = places.map(|(_, sequence, _)| sequence).collect();
    assert_eq!(sequences, (1..=1000).collect::<Vec<_>>());
    assert_eq!(broker.count("EVENTS").await, 1000);
    assert_eq!(sink.debug_state(), BreakerState::Connected);
    assert_eq!(sink.status().in_flight, 0);
}

#[tokio::test]
async fn headers_are_those_of_the_binding() {
    let Some(broker) = Broker::start("").await else {
        return;
    };
    let sink = broker.sink().await;
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let mut traced = event("demo.happened", "1");
    traced.set_extension(
        "traceparent".parse().unwrap(),
        events_core::Extension::String(trace.into()),
    );
    let events: Vec<_> = sink
        .seal(vec![traced])
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let (_, sequence, _) = stored(sink.deliver(&events).await.remove(0));
    let stream = broker.jetstream.get_stream("EVENTS").await.unwrap();
    let message = stream.get_raw_message(sequence).await.unwrap();
    let header = |name: &str| {
        message
            .headers
            .get(name)
            .map(|value| value.as_str().to_owned())
    };
    assert_eq!(
        header("Content-Type").unwrap(),
        "application/cloudevents+json; charset=UTF-8"
    );
    assert_eq!(
        header("Nats-Msg-Id").unwrap(),
        events[0].message_id().to_string()
    );
    assert_eq!(header("Nats-Expected-Stream").unwrap(), "EVENTS");
    assert_eq!(header("traceparent").unwrap(), trace);
    assert_eq!(
        message.subject.as_str(),
        "consign.events.acme.demo.happened"
    );
    assert_eq!(message.payload, *events[0].bytes());
}

/// An event that comes again is where it was; a host's second event of that identity is told so.
#[tokio::test]
async fn what_is_there_already_is_delivered_and_said_to_be() {
    let Some(broker) = Broker::start("").await else {
        return;
    };
    let sink = broker.sink().await;
    let events = sealed(&sink, "demo.happened", 0..1);
    assert_eq!(
        stored(sink.deliver(&events).await.remove(0)),
        ("EVENTS".to_owned(), 1, false)
    );
    assert_eq!(
        stored(sink.deliver(&events).await.remove(0)),
        ("EVENTS".to_owned(), 1, true)
    );
    let other = event("demo.other", "0");
    assert_eq!(
        stored(sink.send(other).await),
        ("EVENTS".to_owned(), 1, true)
    );
    assert_eq!(broker.count("EVENTS").await, 1);
    assert_eq!(sink.status().counters.duplicates, 2);
}

/// What was in doubt when the mode was changed is found in the form it was stored in.
#[tokio::test]
async fn what_is_there_in_the_other_mode_is_a_duplicate() {
    let Some(broker) = Broker::start("").await else {
        return;
    };
    for (id, before, after) in [
        (0, Mode::Binary, Mode::Structured),
        (1, Mode::Structured, Mode::Binary),
    ] {
        let sink = |mode| broker.sink_with(Config { mode, ..config() });
        let (before, after) = (sink(before).await, sink(after).await);
        let events = sealed(&before, "demo.happened", id..id + 1);
        let sequence = u64::from(id) + 1;
        for (sink, duplicate) in [(before, false), (after, true)] {
            let place = stored(sink.deliver(&events).await.remove(0));
            assert_eq!(place, ("EVENTS".to_owned(), sequence, duplicate));
        }
    }
    assert_eq!(broker.count("EVENTS").await, 2);
}

#[tokio::test]
async fn fb8_a_subject_without_a_stream_is_unavailable_and_then_a_mistake() {
    let Some(broker) = Broker::start("").await else {
        return;
    };
    let sink = broker
        .sink_with(Config {
            no_responders_grace: Duration::from_millis(200),
            ..config()
        })
        .await;
    let lost = || sink.send(event("audit.lost", "1"));
    assert_refused(
        lost().await,
        ErrorKind::Unavailable,
        "no stream captures consign.audit.acme.lost",
    );
    assert_good_event_goes_through(&sink).await;
    tokio::time::sleep(Duration::from_millis(250)).await;
    assert_refused(
        lost().await,
        ErrorKind::Config,
        "no stream captures consign.audit.acme.lost",
    );
    assert_good_event_goes_through(&sink).await;
    let BreakerState::Config { reason } = sink.debug_state() else {
        panic!("a standing mistake is not shown");
    };
    assert!(reason.contains("consign stream ensure"), "{reason}");
    assert_eq!(sink.status().faults[0].subject, "consign.audit.acme.lost");
    // The operator creates it: the next attempt finds it, and nothing is wrong any more.
    broker.stream("AUDIT", "consign.audit.>").await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(stored(lost().await).0, "AUDIT");
    assert_eq!(sink.debug_state(), BreakerState::Connected);
}

#[tokio::test]
async fn fb10_an_event_in_another_stream_than_the_named_one_is_a_mistake() {
    let Some(broker) = Broker::start("").await else {
        return;
    };
    let streams = [("events".to_owned(), "ORDERS".to_owned())];
    let sink = broker
        .sink_with(Config {
            streams: streams.into(),
            ..config()
        })
        .await;
    let wrong = sink.send(event("demo.happened", "1")).await;
    assert_refused(wrong, ErrorKind::Config, "stream ORDERS does not capture");
    assert_eq!(broker.count("EVENTS").await, 0);
    broker.stream("AUDIT", "consign.audit.>").await;
    assert_eq!(stored(sink.send(event("audit.kept", "1")).await).0, "AUDIT");
}

/// A stream that took another's place is found by asking again.
#[tokio::test]
async fn a_renamed_stream_is_found_again() {
    let Some(broker) = Broker::start("").await else {
        return;
    };
    let sink = broker.sink().await;
    assert_good_event_goes_through(&sink).await;
    broker.jetstream.delete_stream("EVENTS").await.unwrap();
    broker.stream("RENAMED", "consign.events.>").await;
    let first = sink.send(event("demo.happened", "1")).await;
    assert_refused(first, ErrorKind::Unavailable, "10060");
    assert_eq!(
        stored(sink.send(event("demo.happened", "1")).await).0,
        "RENAMED"
    );
}

/// Answers every message to `subjects` with `ack`, from now on.
async fn forge(broker: &Broker, subjects: &str, ack: &'static str) {
    let client = async_nats::connect(broker.server.url()).await.unwrap();
    let mut seen = client.subscribe(subjects.to_owned()).await.unwrap();
    // What a client says is heard in order: once this comes back, the server knows who listens.
    let echo = client.new_inbox();
    let mut echoes = client.subscribe(echo.clone()).await.unwrap();
    client.publish(echo, "".into()).await.unwrap();
    echoes.next().await.unwrap();
    tokio::spawn(async move {
        while let Some(message) = seen.next().await {
            if let Some(reply) = message.reply {
                client.publish(reply, ack.into()).await.unwrap();
                client.flush().await.unwrap();
            }
        }
    });
}

#[tokio::test]
async fn fb11_a_forged_acknowledgement_delivers_nothing() {
    let Some(broker) = Broker::start("").await else {
        return;
    };
    forge(&broker, "consign.audit.>", r#"{"stream":"FAKE","seq":1}"#).await;
    let sink = broker.sink().await;
    let forged = sink.send(event("audit.lost", "1")).await;
    assert_refused(forged, ErrorKind::Config, "FAKE");
    assert_eq!(sink.status().counters.foreign_acks, 1);
    assert_eq!(sink.debug_state().as_str(), "config");
    assert_good_event_goes_through(&sink).await;
    // One that names a stream that exists, and a message in it.
    forge(&broker, "consign.mcp.>", r#"{"stream":"EVENTS","seq":1}"#).await;
    let forged = sink.send(event("mcp.lost", "1")).await;
    assert_refused(forged, ErrorKind::Config, "EVENTS");
    assert_eq!(sink.status().counters.foreign_acks, 2);
    assert_good_event_goes_through(&sink).await;
}

/// The stream's own acknowledgement counts, whoever else answers.
#[tokio::test]
async fn fb16_the_first_valid_acknowledgement_counts() {
    // A stream that syncs each message answers late.
    let slow = "jetstream { sync_interval: always }";
    let Some(broker) = Broker::start(slow).await else {
        return;
    };
    let forgeries = [
        r#"{"stream":"FAKE","seq":1}"#,
        r#"{"stream":"EVENTS","seq":0}"#,
        r#"{"stream":"","seq":7}"#,
        "hello",
    ];
    for forgery in forgeries {
        forge(&broker, "consign.events.>", forgery).await;
    }
    let sink = broker.sink().await;
    let mut ids = 0..50;
    // Nobody can say who answers first; it has to have been the forgers at least once.
    let end = Instant::now() + PATIENCE;
    while sink.status().counters.foreign_acks == 0 {
        assert!(Instant::now() < end, "the stream was always first");
        let events = sealed(&sink, "demo.happened", ids.clone());
        for (id, result) in ids.clone().zip(sink.deliver(&events).await) {
            let sequence = u64::from(id) + 1;
            assert_eq!(stored(result), ("EVENTS".to_owned(), sequence, false));
        }
        ids = ids.end..ids.end + 50;
    }
}

#[tokio::test]
async fn fb12_a_stream_that_never_acknowledges_is_a_mistake() {
    let Some(broker) = Broker::start("").await else {
        return;
    };
    let config = stream::Config {
        no_ack: true,
        ..stream::Config::default()
    };
    broker
        .stream_with("AUDIT", "consign.audit.>", config.clone())
        .await;
    let sink = broker.sink().await;
    let mute = sink.send(event("audit.kept", "1")).await;
    assert_refused(mute, ErrorKind::Config, "stream AUDIT has no_ack");
    assert_good_event_goes_through(&sink).await;
}

/// The stream was as it should be when it was asked; then an operator changed it.
#[tokio::test]
async fn fb12_a_stream_that_stops_acknowledging_is_found_out() {
    let Some(broker) = Broker::start("").await else {
        return;
    };
    broker.stream("AUDIT", "consign.audit.>").await;
    let sink = broker.sink().await;
    assert_eq!(stored(sink.send(event("audit.kept", "1")).await).0, "AUDIT");
    let config = stream::Config {
        name: "AUDIT".to_owned(),
        subjects: vec!["consign.audit.>".to_owned()],
        no_ack: true,
        ..stream::Config::default()
    };
    broker.jetstream.update_stream(config).await.unwrap();
    let mute = sink.send(event("audit.kept", "2")).await;
    assert_refused(mute, ErrorKind::Config, "no_ack");
    assert_eq!(sink.debug_state().as_str(), "config");
    assert_good_event_goes_through(&sink).await;
}

/// Where the event began stays in the event; where its trace stands now goes before it.
#[tokio::test]
async fn the_header_names_the_last_hop() {
    let Some(broker) = Broker::start("").await else {
        return;
    };
    let sink = broker.sink().await;
    let began = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let hop = "00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01";
    for (begins, hop, header) in [
        (began, Some(hop), Some(hop)),
        (began, None, Some(began)),
        ("00-1-2-3", None, None),
        ("00-1-2-3", Some(hop), Some(hop)),
    ] {
        let mut traced = event("demo.happened", &format!("{begins}{hop:?}"));
        let begins = events_core::Extension::String(begins.into());
        traced.set_extension("traceparent".parse().unwrap(), begins.clone());
        if let Some(hop) = hop {
            traced.set_hop(hop.parse().unwrap());
        }
        let sealed = sink.seal(vec![traced]).remove(0).unwrap();
        let (_, sequence, _) = stored(sink.deliver(std::slice::from_ref(&sealed)).await.remove(0));
        let stream = broker.jetstream.get_stream("EVENTS").await.unwrap();
        let message = stream.get_raw_message(sequence).await.unwrap();
        let found = message.headers.get("traceparent");
        assert_eq!(found.map(|value| value.as_str()), header);
        assert_eq!(sealed.attributes().extension("traceparent"), Some(&begins));
    }
}

/// What vendors added goes along with the trace it was added to, and with no other; what is no
/// `tracestate` goes nowhere.
#[tokio::test]
async fn tracestate_goes_along_with_its_trace() {
    let Some(broker) = Broker::start("").await else {
        return;
    };
    let sink = broker.sink().await;
    let here = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let later = "00-4bf92f3577b34da6a3ce929d0e0e4736-1111111111111111-01";
    let other = "00-11111111111111111111111111111111-2222222222222222-01";
    for (number, (begins, state, hop, header)) in [
        (Some(here), "a=1 , b@c=2", None, Some("a=1,b@c=2")),
        (Some(here), "a=1", Some(later), Some("a=1")),
        (Some(here), "a=1", Some(other), None),
        (None, "a=1", Some(here), None),
        (Some(here), "no state", None, None),
        (Some("00-1-2-3"), "a=1", None, None),
    ]
    .into_iter()
    .enumerate()
    {
        let mut traced = event("demo.happened", &number.to_string());
        let text = |text: &str| events_core::Extension::String(text.into());
        if let Some(begins) = begins {
            traced.set_extension("traceparent".parse().unwrap(), text(begins));
        }
        traced.set_extension("tracestate".parse().unwrap(), text(state));
        if let Some(hop) = hop {
            traced.set_hop(hop.parse().unwrap());
        }
        let sealed = sink.seal(vec![traced]).remove(0).unwrap();
        let (_, sequence, _) = stored(sink.deliver(std::slice::from_ref(&sealed)).await.remove(0));
        let stream = broker.jetstream.get_stream("EVENTS").await.unwrap();
        let message = stream.get_raw_message(sequence).await.unwrap();
        let found = message.headers.get("tracestate");
        assert_eq!(found.map(|value| value.as_str()), header, "{number}");
        assert_eq!(
            sealed.attributes().extension("tracestate"),
            Some(&text(state))
        );
    }
}
