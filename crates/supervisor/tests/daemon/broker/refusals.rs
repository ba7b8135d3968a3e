//! What a broker can refuse: never `delivered`, the right advice, and no harm to other subjects.

use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use async_nats::jetstream::stream;
use futures::StreamExt as _;
use serde_json::Value;

use crate::support::{Broker, Daemon, status, until};

#[test]
fn fb8_a_subject_without_a_stream_is_set_aside_and_delivered_once_there_is_one() {
    let case = Case::start("", &[good()]);
    let answer = case.send("lost.made", "1");
    assert_eq!(answer, "spilled");
    case.good_at_once("2");
    // Until 5 s have passed it could be an election.
    until(&case.daemon, PATIENCE, |status| {
        status["spool"]["set_aside"] == 1
    });
    let record = case.records().remove(0);
    assert_eq!(record["kind"], "config", "{record}");
    assert_eq!(case.send("lost.made", "3"), "spilled");
    case.good_at_once("4");
    case.broker
        .put_stream(stream("LOST", "consign.events.single.lost.>"));
    until(&case.daemon, PATIENCE, |status| {
        status["spool"]["set_aside"] == 0 && status["spool"]["waiting"] == 0
    });
    assert_eq!(case.broker.stored("LOST").len(), 2);
}

#[test]
fn fb9_a_full_stream_saturates_its_own_subjects_alone() {
    let full = stream::Config {
        max_messages: 1,
        discard: stream::DiscardPolicy::New,
        ..stream("FULL", "consign.events.single.full.>")
    };
    let case = Case::start("", &[good(), full.clone()]);
    assert_eq!(case.send("full.made", "1"), "delivered");
    assert_eq!(case.send("full.made", "2"), "spilled");
    case.good_at_once("3");
    let now = status(&case.daemon);
    assert_eq!(now["breaker"]["state"], "connected", "{now}");
    assert_eq!(case.records().remove(0)["kind"], "saturated");
    case.broker.put_stream(stream::Config {
        max_messages: 10,
        ..full
    });
    until(&case.daemon, PATIENCE, |status| {
        status["spool"]["waiting"] == 0
    });
    assert_eq!(case.broker.stored("FULL").len(), 2);
}

#[test]
fn fb12_a_stream_that_does_not_acknowledge_is_the_operators_to_mend() {
    let silent = stream::Config {
        no_ack: true,
        ..stream("SILENT", "consign.events.single.silent.>")
    };
    let case = Case::start("", &[good(), silent]);
    assert_eq!(case.send("silent.made", "1"), "spilled");
    case.good_at_once("2");
    until(&case.daemon, PATIENCE, |status| {
        status["spool"]["set_aside"] == 1
    });
    let record = case.records().remove(0);
    assert!(
        record["reason"].as_str().unwrap().contains("no_ack"),
        "{record}"
    );
    let breaker = &status(&case.daemon)["breaker"];
    assert_eq!(breaker["state"], "config");
    assert!(
        breaker["reason"].as_str().unwrap().contains("no_ack"),
        "{breaker}"
    );
}

#[test]
fn fb13_an_event_above_the_brokers_limit_is_dead_and_breaks_no_connection() {
    let case = Case::start("max_payload: 4096", &[good()]);
    let before = status(&case.daemon)["nats"].clone();
    let large = format!(
        r#"{{"specversion":"1.0","id":"1","source":"/t","type":"good.made","data":"{}"}}"#,
        "x".repeat(6000)
    );
    let answer = case.daemon.client().post(&large).unwrap();
    assert_eq!(
        (answer.status, answer.header("consign-outcome")),
        (204, Some("spilled"))
    );
    case.good_at_once("2");
    let now = status(&case.daemon);
    assert_eq!(now["spool"]["dead"], 1, "{now}");
    assert_eq!(now["nats"], before);
    assert_eq!(case.records().remove(0)["kind"], "rejected");
}

#[test]
fn fb11_a_forged_acknowledgement_is_no_receipt() {
    let case = Case::start(
        "",
        &[good(), stream("AIMED", "consign.events.single.aimed.>")],
    );
    let url = case.broker.url();
    let (ready, told) = std::sync::mpsc::channel();
    let forger = std::thread::spawn(move || forge_one(&url, &ready));
    told.recv().unwrap();
    let answer = case.daemon.client().post(&of("aimed.made", "1")).unwrap();
    forger.join().unwrap();
    assert_eq!(answer.status, 204);
    if answer.header("consign-outcome") == Some("delivered") {
        // The true acknowledgement was the first.
        let receipt: Value =
            serde_json::from_str(answer.header("consign-receipt").unwrap()).unwrap();
        assert_eq!(receipt["stream"], "AIMED");
    }
    case.good_at_once("2");
    until(&case.daemon, PATIENCE, |status| {
        status["spool"]["set_aside"] == 0 && status["spool"]["waiting"] == 0
    });
    assert_eq!(case.broker.stored("AIMED").len(), 1);
}

/// Answers the first event of a subject in the broker's place.
fn forge_one(url: &str, ready: &Sender<()>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let client = async_nats::connect(url).await.unwrap();
        let mut heard = client
            .subscribe("consign.events.single.aimed.>")
            .await
            .unwrap();
        client.flush().await.unwrap();
        ready.send(()).unwrap();
        let message = heard.next().await.unwrap();
        let forged = r#"{"stream":"FAKE","seq":1}"#;
        client
            .publish(message.reply.unwrap(), forged.into())
            .await
            .unwrap();
        client.flush().await.unwrap();
    });
}

/// A daemon with a broker that has some streams, and nothing else.
struct Case {
    daemon: Daemon,
    broker: Broker,
    _dir: tempfile::TempDir,
}

impl Case {
    fn start(config: &str, streams: &[stream::Config]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let broker = Broker::start_with(config);
        for stream in streams {
            broker.put_stream(stream.clone());
        }
        let settings = [("CONSIGN_NATS_ACK_TIMEOUT", "1s")];
        let daemon = Daemon::connected(dir.path(), &broker.url(), &settings);
        Self {
            daemon,
            broker,
            _dir: dir,
        }
    }

    /// Sends one event; its outcome.
    fn send(&self, kind: &str, id: &str) -> String {
        let answer = self.daemon.client().post(&of(kind, id)).unwrap();
        assert_eq!(answer.status, 204, "{}", answer.body);
        answer.header("consign-outcome").unwrap().to_owned()
    }

    fn good_at_once(&self, id: &str) {
        let asked = Instant::now();
        assert_eq!(self.send("good.made", id), "delivered");
        assert!(
            asked.elapsed() < Duration::from_millis(900),
            "{:?}",
            asked.elapsed()
        );
    }

    fn records(&self) -> Vec<Value> {
        let answer = self.daemon.client().get("/v1/dlq").unwrap();
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        body["items"].as_array().unwrap().clone()
    }
}

fn of(kind: &str, id: &str) -> String {
    format!(r#"{{"specversion":"1.0","id":"{id}","source":"/test","type":"{kind}","data":1}}"#)
}

fn good() -> stream::Config {
    stream("GOOD", "consign.events.*.good.>")
}

fn stream(name: &str, subject: &str) -> stream::Config {
    stream::Config {
        name: name.to_owned(),
        subjects: vec![subject.to_owned()],
        ..stream::Config::default()
    }
}

const PATIENCE: Duration = Duration::from_secs(60);
