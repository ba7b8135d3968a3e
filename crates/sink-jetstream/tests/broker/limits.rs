use async_nats::jetstream::stream::{self, DiscardPolicy, StorageType};
use events_core::{ErrorKind, Event, EventSink as _, EventSinkExt as _};
use sink_jetstream::BreakerState;

use crate::broker::{
    Broker, assert_good_event_goes_through, assert_refused, event, sealed, stored,
};

#[tokio::test]
async fn fb9_a_full_stream_is_saturated_and_the_same_id_goes_through_later() {
    let Some(broker) = Broker::start("").await else {
        return;
    };
    let full = stream::Config {
        max_messages: 3,
        discard: DiscardPolicy::New,
        ..stream::Config::default()
    };
    broker.stream_with("AUDIT", "consign.audit.>", full).await;
    let sink = broker.sink().await;
    let events = sealed(&sink, "audit.kept", 0..5);
    let mut results = sink.deliver(&events).await;
    assert_refused(
        results.remove(4),
        ErrorKind::Saturated,
        "maximum messages exceeded",
    );
    assert_refused(results.remove(3), ErrorKind::Saturated, "10077");
    for result in results {
        stored(result);
    }
    assert_eq!(sink.debug_state(), BreakerState::Connected);
    assert_good_event_goes_through(&sink).await;
    let stream = broker.jetstream.get_stream("AUDIT").await.unwrap();
    stream.purge().await.unwrap();
    let (_, sequence, duplicate) = stored(sink.deliver(&events[3..4]).await.remove(0));
    assert_eq!((sequence, duplicate), (4, false));
}

/// What the server says when there is no room, and whose room it is: that of one stream, of an
/// account, or of all its streams of one kind of storage. Those of the other kind go on.
#[tokio::test]
async fn fb9_whoever_has_no_room_left_it_is_saturated_and_no_outage() {
    use StorageType::{File, Memory};
    let account = |limits| {
        format!(
            "accounts {{ A: {{ jetstream: {{ {limits} }}, users: [{{ user: a, password: a }}] }} }}
            no_auth_user: a"
        )
    };
    let server = |limits| format!("jetstream: {{ {limits} }}");
    let (little_memory, little_disk) = (
        "max_mem: 64KB, max_file: 10MB",
        "max_mem: 10MB, max_file: 64KB",
    );
    let new = stream::Config {
        discard: DiscardPolicy::New,
        ..stream::Config::default()
    };
    let few_bytes = stream::Config {
        max_bytes: 65_536,
        ..new.clone()
    };
    let few_of_a_subject = stream::Config {
        max_messages_per_subject: 3,
        discard_new_per_subject: true,
        ..new.clone()
    };
    let table = [
        (server(little_memory), new.clone(), Memory, "10023"),
        (server(little_disk), new.clone(), File, "10023"),
        (account(little_memory), new.clone(), Memory, "10002"),
        (account(little_disk), new, File, "10002"),
        (String::new(), few_bytes, File, "10077"),
        (String::new(), few_of_a_subject, File, "10077"),
    ];
    for (settings, config, storage, code) in table {
        let Some(broker) = Broker::bare(&settings).await else {
            return;
        };
        let config = stream::Config { storage, ..config };
        broker.stream_with("AUDIT", "consign.audit.>", config).await;
        let config = stream::Config {
            storage: if storage == File { Memory } else { File },
            ..stream::Config::default()
        };
        broker
            .stream_with("EVENTS", "consign.events.>", config)
            .await;
        let sink = broker.sink().await;
        let data = format!("{:?}", "x".repeat(4096));
        let events = (0..20).map(|id| {
            let event = Event::builder(&id.to_string(), "/test", "audit.kept");
            let event = event.extension("tenantid", "acme").json(&data);
            event.build().unwrap()
        });
        let results = sink.send_all(events.collect()).await;
        let (taken, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        assert!(!taken.is_empty() && !refused.is_empty(), "{settings}");
        for result in refused {
            assert_refused(result, ErrorKind::Saturated, code);
        }
        assert_eq!(sink.debug_state(), BreakerState::Connected, "{settings}");
        assert_good_event_goes_through(&sink).await;
    }
}

/// The server would close the connection, and with it fail whatever else is in flight.
#[tokio::test]
async fn fb13_what_is_too_large_is_rejected_before_it_is_sent() {
    let Some(broker) = Broker::start("max_payload: 4096").await else {
        return;
    };
    let sink = broker.sink().await;
    let event_of = |length: usize| {
        let data = format!(r#""{}""#, "x".repeat(length));
        let event = Event::builder(&length.to_string(), "/test", "demo.happened");
        event
            .extension("tenantid", "acme")
            .json(&data)
            .build()
            .unwrap()
    };
    let mut lengths: Vec<usize> = (3500..4000).step_by(10).collect();
    lengths.push(10_000);
    let events: Vec<_> = lengths.iter().map(|length| event_of(*length)).collect();
    let mut taken = 0;
    for result in sink.send_all(events).await {
        match result {
            Ok(_) => taken += 1,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Rejected, "{error:?}");
                assert!(
                    format!("{error:?}").contains("the server takes"),
                    "{error:?}"
                );
            }
        }
    }
    assert!((1..lengths.len() as u64).contains(&taken));
    assert_eq!(broker.count("EVENTS").await, taken);
    assert_eq!(sink.debug_state(), BreakerState::Connected);
    assert_good_event_goes_through(&sink).await;
    // The limit is the server's own: nothing was cut off at either side of it.
    assert_eq!(sink.status().counters.unavailable, 0);
}

#[tokio::test]
async fn what_a_stream_finds_too_large_is_rejected() {
    let Some(broker) = Broker::start("").await else {
        return;
    };
    let small = stream::Config {
        max_message_size: 64,
        ..stream::Config::default()
    };
    broker.stream_with("AUDIT", "consign.audit.>", small).await;
    let sink = broker.sink().await;
    let large = sink.send(event("audit.large", "1")).await;
    assert_refused(large, ErrorKind::Rejected, "10054");
    assert_good_event_goes_through(&sink).await;
}

#[tokio::test]
async fn two_tenants_with_one_source_and_id_both_get_their_event_stored() {
    let Some(broker) = Broker::start("").await else {
        return;
    };
    let sink = broker.sink().await;
    for (sequence, tenant) in [(1, "acme"), (2, "globex")] {
        let event = Event::builder("1", "/same", "demo.happened").extension("tenantid", tenant);
        let result = sink.send(event.build().unwrap()).await;
        assert_eq!(stored(result), ("EVENTS".to_owned(), sequence, false));
    }
}

#[tokio::test]
async fn fi8_hostile_tenants_are_refused_and_nothing_is_published() {
    let Some(broker) = Broker::start("").await else {
        return;
    };
    let sink = broker.sink().await;
    let long = "x".repeat(10_000);
    let tenants = [
        "*",
        ">",
        "a.b",
        "a b",
        "\\r\\n",
        "",
        &long,
        "\\u202e",
        "$JS",
        "a\\u0000b",
    ];
    for tenant in tenants {
        let data = format!(r#"{{"tenantId":"{tenant}"}}"#);
        let event = Event::builder("1", "/test", "demo.happened")
            .json(&data)
            .build();
        let result = sink.send(event.unwrap()).await;
        assert_refused(result, ErrorKind::Invalid, "tenant");
    }
    let status = sink.status();
    assert_eq!(status.counters.published, 0);
    assert_eq!(status.breaker, BreakerState::Connected);
    assert_eq!(broker.count("EVENTS").await, 0);
}
