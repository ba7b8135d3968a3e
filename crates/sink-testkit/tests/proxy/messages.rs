use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::context::PublishErrorKind;
use sink_testkit::nats::{Direction, Fault, NatsServer, Odds, Proxy, Step};

use crate::{Pair, hear, send};

#[tokio::test]
async fn a_script_drops_doubles_and_delays_messages_alone() {
    let mut pair = Pair::open().await;
    let later = Step::Delay(Duration::from_millis(20));
    let script = vec![Step::Pass, Step::Drop, Step::Double, later];
    pair.proxy.set(Direction::ToServer, Fault::Script(script));
    let said = "PUB a 1\r\n1\r\nPING\r\nPUB a 1\r\n2\r\nHPUB a 1 2\r\nx3\r\nPUB a 1\r\n4\r\n\
                PONG\r\nPUB a 1\r\n5\r\n";
    let arrives = "PUB a 1\r\n1\r\nPING\r\nHPUB a 1 2\r\nx3\r\nHPUB a 1 2\r\nx3\r\nPONG\r\n\
                   PUB a 1\r\n5\r\nPUB a 1\r\n4\r\n";
    send(&mut pair.client, said).await;
    assert_eq!(hear(&mut pair.server, arrives.len()).await, arrives);
    let counts = pair.proxy.counts();
    assert_eq!(counts.to_client.messages, 0);
    let counts = counts.to_server;
    assert_eq!((counts.messages, counts.dropped), (5, 1));
    assert_eq!((counts.doubled, counts.delayed), (1, 1));
}

#[tokio::test]
async fn an_aimed_fault_harms_and_counts_the_messages_it_is_aimed_at() {
    let mut pair = Pair::open().await;
    let subjects = "run.>".parse().unwrap();
    pair.proxy.aim(Direction::ToServer, subjects);
    let script = vec![Step::Drop, Step::Double];
    pair.proxy.set(Direction::ToServer, Fault::Script(script));
    let said = "PUB setup 1\r\n1\r\nPING\r\nPUB run.a 1\r\n2\r\nPUB run 1\r\n3\r\n\
                HPUB run.a.b 1 2\r\nx4\r\n";
    let arrives = "PUB setup 1\r\n1\r\nPING\r\nPUB run 1\r\n3\r\nHPUB run.a.b 1 2\r\nx4\r\n\
                   HPUB run.a.b 1 2\r\nx4\r\n";
    send(&mut pair.client, said).await;
    assert_eq!(hear(&mut pair.server, arrives.len()).await, arrives);
    let counts = pair.proxy.counts().to_server;
    assert_eq!((counts.messages, counts.dropped), (2, 1));
    assert_eq!((counts.doubled, counts.delayed), (1, 0));
}

/// A client behind a proxy, with a stream `KEPT` on the server.
async fn jetstream(proxy: &Proxy) -> jetstream::Context {
    let client = async_nats::connect(proxy.url()).await.unwrap();
    let mut context = jetstream::new(client);
    context.set_timeout(Duration::from_millis(400));
    let config = jetstream::stream::Config {
        name: "KEPT".to_owned(),
        subjects: vec!["kept.>".to_owned()],
        ..jetstream::stream::Config::default()
    };
    context.get_or_create_stream(config).await.unwrap();
    context
}

fn publish(id: &str) -> jetstream::message::PublishMessage {
    jetstream::message::PublishMessage::build().message_id(id)
}

#[tokio::test]
async fn a_lost_acknowledgement_is_a_timeout_and_the_retry_a_duplicate() {
    let Some(server) = NatsServer::start_or_skip().await else {
        return;
    };
    let proxy = Proxy::start(&server.url()).unwrap();
    let context = jetstream(&proxy).await;
    proxy.set(Direction::ToClient, Fault::Script(vec![Step::Drop]));
    let sent = context.send_publish("kept.a", publish("1")).await.unwrap();
    let error = sent.await.unwrap_err();
    assert_eq!(error.kind(), PublishErrorKind::TimedOut);
    assert_eq!(proxy.counts().to_client.dropped, 1);
    let sent = context.send_publish("kept.a", publish("1")).await.unwrap();
    let ack = sent.await.unwrap();
    assert!(ack.duplicate && ack.sequence == 1);
}

#[tokio::test]
async fn doubled_and_delayed_publishes_are_stored_once_by_their_ids() {
    let Some(server) = NatsServer::start_or_skip().await else {
        return;
    };
    let proxy = Proxy::start(&server.url()).unwrap();
    let context = jetstream(&proxy).await;
    let odds = Odds {
        double: 50,
        delay: 30,
        delay_by: Duration::ZERO..=Duration::from_millis(20),
        ..Odds::default()
    };
    proxy.set(Direction::ToServer, Fault::Odds(odds, 3));
    let mut waiting = Vec::new();
    for id in 0..100 {
        let message = publish(&id.to_string());
        waiting.push(context.send_publish("kept.a", message).await.unwrap());
    }
    for ack in waiting {
        ack.await.unwrap();
    }
    let counts = proxy.counts().to_server;
    assert!(counts.doubled > 20 && counts.delayed > 10, "{counts:?}");
    proxy.heal();
    let mut stream = context.get_stream("KEPT").await.unwrap();
    assert_eq!(stream.info().await.unwrap().state.messages, 100);
}

#[tokio::test]
async fn a_client_that_was_cut_off_comes_back() {
    let Some(server) = NatsServer::start_or_skip().await else {
        return;
    };
    let proxy = Proxy::start(&server.url()).unwrap();
    let context = jetstream(&proxy).await;
    for _ in 0..3 {
        let before = proxy.counts().accepted;
        proxy.cut();
        crate::until(&proxy, |counts| counts.accepted > before).await;
    }
    context.get_stream("KEPT").await.unwrap();
}
