use std::time::Duration;

use events_core::{ErrorKind, EventSinkExt as _};
use sink_jetstream::{Config, ConnectOptions, JetStreamSink};
use sink_testkit::nats::{Answer, FakeServer};

use crate::broker::{PATIENCE, assert_refused, config, connect, event, stored};

async fn sink(server: &FakeServer) -> JetStreamSink {
    let options = ConnectOptions::new(vec![server.url().parse().unwrap()]);
    let streams = [("events".to_owned(), FakeServer::STREAM.to_owned())];
    let config = Config {
        ack_timeout: Duration::from_secs(1),
        reconnect_max_wait: Duration::from_millis(50),
        streams: streams.into(),
        ..config()
    };
    let sink = connect(options, config).await;
    assert!(sink.wait_connected(PATIENCE).await);
    sink
}

fn error(code: u16, err_code: u16) -> Answer {
    Answer::Error {
        code,
        err_code,
        description: "as told".to_owned(),
    }
}

fn forged(stream: &str, sequence: u64) -> Answer {
    Answer::Forge {
        stream: stream.to_owned(),
        sequence,
        duplicate: false,
    }
}

/// Every lie about one event, with a good event on another subject after each.
#[tokio::test(flavor = "multi_thread")]
async fn fb14_whatever_a_server_says_of_one_event_the_next_goes_through() {
    let lies = [
        (
            Answer::no_responders(),
            ErrorKind::Unavailable,
            "no stream captures",
        ),
        (
            error(503, 10077),
            ErrorKind::Saturated,
            "as told (status 503, code 10077)",
        ),
        (error(500, 10047), ErrorKind::Saturated, "10047"),
        (error(500, 10118), ErrorKind::Unavailable, "10118"),
        (error(500, 10194), ErrorKind::Unavailable, "10194"),
        (error(409, 10158), ErrorKind::Unavailable, "10158"),
        (error(400, 10060), ErrorKind::Config, "does not capture"),
        (error(400, 10054), ErrorKind::Rejected, "10054"),
        (forged("OTHER", 1), ErrorKind::Config, "OTHER"),
        (
            forged(FakeServer::STREAM, 0),
            ErrorKind::Config,
            FakeServer::STREAM,
        ),
        (forged("", 1), ErrorKind::Config, "answered for"),
        (
            Answer::Reply("{}".into()),
            ErrorKind::Config,
            "something answered",
        ),
        (
            Answer::Reply("\u{fffd}".into()),
            ErrorKind::Config,
            "something answered",
        ),
        (
            Answer::Reply(b"\xff\xfe"[..].into()),
            ErrorKind::Config,
            "something answered",
        ),
        (
            Answer::Reply("[".repeat(100_000).into()),
            ErrorKind::Config,
            "something answered",
        ),
    ];
    let server = FakeServer::start().unwrap();
    let sink = sink(&server).await;
    for (lie, kind, words) in lies {
        let foreign = sink.status().counters.foreign_acks;
        let is_foreign = matches!(lie, Answer::Forge { .. } | Answer::Reply(_));
        server.answer(move |message| {
            if message.subject.ends_with("good") {
                Answer::Store
            } else {
                lie.clone()
            }
        });
        assert_refused(sink.send(event("demo.bad", "1")).await, kind, words);
        let id = fastrand::u64(..).to_string();
        stored(sink.send(event("demo.good", &id)).await);
        let foreign = sink.status().counters.foreign_acks - foreign;
        assert_eq!(foreign, u64::from(is_foreign), "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fb16_two_answers_are_one_event() {
    let server = FakeServer::start().unwrap();
    let sink = sink(&server).await;
    server.answer(|_| Answer::All(vec![forged("OTHER", 9), Answer::Store, Answer::Store]));
    for id in 1..=20_u64 {
        let (stream, ..) = stored(sink.send(event("demo.happened", &id.to_string())).await);
        assert_eq!(stream, FakeServer::STREAM);
        assert_eq!(sink.status().counters.foreign_acks, id);
    }
    assert_eq!(sink.status().in_flight, 0);
}

/// What breaks the connection is an outage, and over with it.
#[tokio::test(flavor = "multi_thread")]
async fn fb22_garbage_ends_a_connection_and_nothing_else() {
    let server = FakeServer::start().unwrap();
    let sink = sink(&server).await;
    let rubbish = [
        Answer::garbage(64),
        Answer::broken_frame(),
        Answer::giant_info(1 << 20),
        Answer::Close,
    ];
    for rubbish in rubbish {
        let text = format!("{rubbish:.40?}");
        server.answer(move |_| Answer::All(vec![rubbish.clone(), Answer::Close]));
        let broken = sink.send(event("demo.happened", "1")).await;
        assert_refused(broken, ErrorKind::Unavailable, "");
        server.answer(|_| Answer::Store);
        let end = tokio::time::Instant::now() + PATIENCE;
        while let Err(error) = sink.send(event("demo.happened", "1")).await {
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{text}: {error:?}");
            assert!(tokio::time::Instant::now() < end, "{text}: {error:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// There is a server, and no JetStream in it.
#[tokio::test(flavor = "multi_thread")]
async fn fb8_a_server_without_jetstream_is_a_mistake() {
    let server = FakeServer::start().unwrap();
    server.answer(|_| Answer::no_responders());
    server.answer_api(|_| Some(Answer::no_responders()));
    let options = ConnectOptions::new(vec![server.url().parse().unwrap()]);
    let config = Config {
        no_responders_grace: Duration::from_millis(100),
        ..config()
    };
    let sink = connect(options, config).await;
    assert!(sink.wait_connected(PATIENCE).await);
    let lost = || sink.send(event("demo.happened", "1"));
    assert_refused(lost().await, ErrorKind::Unavailable, "no stream captures");
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_refused(lost().await, ErrorKind::Config, "no stream captures");
}
