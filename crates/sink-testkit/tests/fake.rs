//! The server that lies, before the client it is made to lie to.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{Duration, Instant};

use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::{self, Context};
use async_nats::{ConnectErrorKind, ConnectOptions};
use bytes::Bytes;
use sink_testkit::nats::{Answer, FakeServer, Published};

async fn client(server: &FakeServer) -> Context {
    let client = async_nats::connect(server.url()).await.unwrap();
    let mut context = jetstream::new(client);
    context.set_timeout(Duration::from_millis(300));
    context
}

async fn publish(context: &Context, id: &str) -> Result<PublishAck, PublishError> {
    let message = PublishMessage::build()
        .message_id(id)
        .payload("hello bob".into());
    context.send_publish("a.b", message).await?.await
}

/// What a client makes of one answer, and of an honest one on the same subject after it.
async fn meets(answer: Answer) -> Result<PublishAck, PublishError> {
    let server = FakeServer::script([answer]).unwrap();
    let context = client(&server).await;
    let result = publish(&context, "1").await;
    let honest = publish(&context, "2").await.unwrap();
    assert_eq!(honest.stream, FakeServer::STREAM);
    assert_eq!(server.published().len(), 2);
    result
}

async fn fails(answer: Answer) -> PublishErrorKind {
    meets(answer).await.unwrap_err().kind()
}

fn forged() -> Answer {
    Answer::Forge {
        stream: "OTHER".to_owned(),
        sequence: 0,
        duplicate: true,
    }
}

#[tokio::test]
async fn an_honest_one_stores_and_counts_and_knows_what_it_has() {
    let server = FakeServer::start().unwrap();
    let context = client(&server).await;
    for (id, sequence, duplicate) in [("1", 1, false), ("2", 2, false), ("1", 1, true)] {
        let ack = publish(&context, id).await.unwrap();
        assert_eq!((ack.sequence, ack.duplicate), (sequence, duplicate));
    }
    let first = Published {
        subject: "a.b".to_owned(),
        reply: server.published()[0].reply.clone(),
        headers: vec![("Nats-Msg-Id".to_owned(), "1".to_owned())],
        payload: Bytes::from("hello bob"),
    };
    assert!(first.reply.is_some());
    assert_eq!(server.published().len(), 3);
    assert_eq!(server.stored().len(), 2);
    assert_eq!(server.stored()[0], first);
    assert_eq!(server.stored()[1].header("nats-msg-id"), Some("2"));
}

#[tokio::test]
async fn silence_is_a_timeout() {
    assert_eq!(fails(Answer::Silence).await, PublishErrorKind::TimedOut);
}

#[tokio::test]
async fn a_forged_acknowledgement_says_what_it_is_told_to() {
    let ack = meets(forged()).await.unwrap();
    assert_eq!(
        (ack.stream.as_str(), ack.sequence, ack.duplicate),
        ("OTHER", 0, true)
    );
}

#[tokio::test]
async fn the_first_of_two_acknowledgements_comes_first() {
    let ack = meets(Answer::All(vec![forged(), Answer::Store]))
        .await
        .unwrap();
    assert_eq!(ack.stream, "OTHER");
}

#[tokio::test]
async fn an_error_of_jetstream_arrives_with_its_number() {
    let answer = Answer::Error {
        code: 400,
        err_code: 10071,
        description: "wrong last \"sequence\"".to_owned(),
    };
    assert_eq!(fails(answer).await, PublishErrorKind::WrongLastSequence);
}

#[tokio::test]
async fn no_responders_is_a_stream_not_found() {
    assert_eq!(
        fails(Answer::no_responders()).await,
        PublishErrorKind::StreamNotFound
    );
}

#[tokio::test]
async fn garbage_is_an_error_and_the_connection_lives() {
    for answer in [
        Answer::garbage(9),
        Answer::garbage(4 << 20),
        Answer::Reply("{}".into()),
    ] {
        assert_eq!(fails(answer).await, PublishErrorKind::Other);
    }
}

#[tokio::test]
async fn a_broken_frame_and_a_closed_connection_make_the_client_come_again() {
    for answer in [Answer::broken_frame(), Answer::Close] {
        let server = FakeServer::script([answer]).unwrap();
        let context = client(&server).await;
        publish(&context, "1").await.unwrap_err();
        publish(&context, "2").await.unwrap();
        assert_eq!(server.connects().len(), 2);
    }
}

#[tokio::test]
async fn a_giant_info_and_an_error_of_the_server_leave_the_answer_out() {
    let permissions = Answer::server_error("Permissions Violation for Publish to \"a.b\"");
    for answer in [Answer::giant_info(3 << 20), permissions] {
        assert_eq!(fails(answer).await, PublishErrorKind::TimedOut);
    }
}

#[tokio::test]
async fn a_late_acknowledgement_comes_as_late_as_asked_for() {
    let delay = Duration::from_millis(80);
    let start = Instant::now();
    let late = Answer::Later(delay, Box::new(Answer::Store));
    assert_eq!(meets(late).await.unwrap().sequence, 1);
    assert!(start.elapsed() >= delay);
    let late = Answer::Later(Duration::from_millis(400), Box::new(Answer::Store));
    assert_eq!(fails(late).await, PublishErrorKind::TimedOut);
}

#[tokio::test]
async fn who_is_not_let_in_hears_why() {
    let server = FakeServer::start().unwrap();
    server.refuse("Authorization Violation");
    let login = ConnectOptions::with_token("abc".to_owned());
    let error = login.connect(server.url()).await.unwrap_err();
    assert_eq!(error.kind(), ConnectErrorKind::AuthorizationViolation);
    assert!(server.connects()[0].contains("\"auth_token\":\"abc\""));
    server.admit();
    let context = client(&server).await;
    publish(&context, "1").await.unwrap();
    server.close_connections();
    while server.connects().len() < 3 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    publish(&context, "2").await.unwrap();
}

#[tokio::test]
async fn a_greeting_that_is_none_is_no_connection() {
    for greeting in ["INFO {\r\n", "HTTP/1.1 200 OK\r\n\r\n"] {
        let server = FakeServer::start().unwrap();
        server.greet(greeting);
        async_nats::connect(server.url()).await.unwrap_err();
    }
}

#[tokio::test]
async fn the_api_knows_no_stream_until_it_is_told() {
    let server = FakeServer::start().unwrap();
    let context = client(&server).await;
    let error = context.get_stream("FAKE").await.unwrap_err().to_string();
    assert!(error.contains("10059"), "{error}");
    context.stream_by_subject("a.b").await.unwrap_err();
    server.answer_api(|request| {
        let names = request.subject == "$JS.API.STREAM.NAMES";
        names.then(|| Answer::Reply(r#"{"total":1,"offset":0,"limit":9,"streams":["X"]}"#.into()))
    });
    assert_eq!(context.stream_by_subject("a.b").await.unwrap(), "X");
    assert!(server.published().is_empty());
}

#[tokio::test]
async fn answers_can_depend_on_what_is_published_and_change() {
    let by_id = |message: &Published| match message.header("Nats-Msg-Id") {
        Some("bad") => Answer::no_responders(),
        _ => Answer::Store,
    };
    let server = FakeServer::answering(by_id).unwrap();
    let context = client(&server).await;
    publish(&context, "good").await.unwrap();
    publish(&context, "bad").await.unwrap_err();
    server.answer(|_| forged());
    assert_eq!(publish(&context, "good").await.unwrap().stream, "OTHER");
}
