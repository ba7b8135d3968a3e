//! Going on after a message that is gone.

use async_nats::jetstream::stream::{Config, RetentionPolicy};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use events_core::Filter;
use serde_json::{Value, json};
use sink_testkit::nats::{Answer, FakeServer, Published};
use streams::history::{Entries, Start};

use super::kit::{all, event, fill, history, ids, publish, stream};
use crate::fixture::start;

/// Stored in a stream: its sequence and the minute of that day.
type Message = (u64, u64);

const B: [Message; 6] = [(1, 0), (2, 10), (3, 20), (4, 30), (5, 40), (6, 50)];

/// What comes after message 3 of A, where A still holds these of its five: the events of each
/// stream, and whether there may have been more.
async fn after_the_third(left: &[Message], retention: &'static str) -> (Vec<usize>, bool) {
    let server = FakeServer::start().unwrap();
    let left = left.to_vec();
    server.answer_api(move |request| {
        let answer = match request.subject.as_str() {
            "$JS.API.STREAM.INFO.A" => info(&left, (5, 40), retention),
            "$JS.API.STREAM.INFO.B" => info(&B, (6, 50), "workqueue"),
            "$JS.API.STREAM.MSG.GET.A" => next(&left, 100, request),
            "$JS.API.STREAM.MSG.GET.B" => next(&B, 0, request),
            _ => return None,
        };
        Some(Answer::Reply(answer.to_string().into()))
    });
    let client = async_nats::connect(server.url()).await.unwrap();
    let js = async_nats::jetstream::new(client);
    let after = Start::After("A:3".parse().unwrap());
    let entries = history(&js, &["A", "B"])
        .range(&Filter::default(), &after)
        .await
        .unwrap();
    let may_lack = entries.may_lack();
    (read(entries).await.0, may_lack)
}

fn info(messages: &[Message], last: Message, retention: &str) -> Value {
    let first = messages.first().map_or(last.0 + 1, |first| first.0);
    let state = json!({"first_seq": first, "last_seq": last.0, "last_ts": time(last.1)});
    json!({"config": {"retention": retention}, "state": state})
}

/// The first message that is asked for. Its event's id is its sequence, counted from `base`.
fn next(messages: &[Message], base: u64, request: &Published) -> Value {
    let asked: Value = serde_json::from_slice(&request.payload).unwrap();
    let from = asked.get("seq").unwrap().as_u64().unwrap();
    let Some((seq, minute)) = messages.iter().find(|(seq, _)| *seq >= from) else {
        return json!({"error": {"code": 404, "err_code": 10037, "description": "none"}});
    };
    let id = usize::try_from(base + seq).unwrap();
    let data = STANDARD.encode(event(id, "a"));
    json!({"message": {"subject": "x", "seq": seq, "data": data, "time": time(*minute)}})
}

fn time(minute: u64) -> String {
    format!("2026-01-01T10:{minute:02}:00Z")
}

async fn read(entries: Entries) -> (Vec<usize>, Vec<String>) {
    let (items, gaps) = all(entries).await.unwrap();
    let mut ids = ids(&items);
    ids.sort_unstable();
    (ids, gaps)
}

#[tokio::test]
async fn other_streams_go_on_from_its_time_and_not_from_their_beginning() {
    // It is there.
    let whole = [(3, 20), (4, 30), (5, 40)];
    let found = after_the_third(&whole, "workqueue").await;
    assert_eq!(found, (vec![3, 4, 5, 6, 104, 105], false));
    // The one before it is: nothing is passed over, and some comes again.
    let found = after_the_third(&[(2, 10), (5, 40)], "workqueue").await;
    assert_eq!(found, (vec![2, 3, 4, 5, 6, 105], false));
    // The one after it is, or none at all: what the others had before that may be missing.
    let found = after_the_third(&[(4, 30), (5, 40)], "workqueue").await;
    assert_eq!(found, (vec![4, 5, 6, 104, 105], true));
    for retention in ["workqueue", "limits"] {
        let found = after_the_third(&[], retention).await;
        assert_eq!(found, (vec![5, 6], true), "{retention}");
    }
}

#[tokio::test]
async fn a_work_queue_that_is_done_has_lost_nothing() {
    let Some((_server, js)) = start().await else {
        return;
    };
    let queue = Config {
        name: "Q".to_owned(),
        subjects: vec!["Q.>".to_owned()],
        retention: RetentionPolicy::WorkQueue,
        ..Config::default()
    };
    js.create_stream(queue).await.unwrap();
    stream(&js, "S").await;
    fill(&js, "Q", 3, &["a"]).await;
    publish(&js, [("S.a".to_owned(), event(9, "a"))]).await;
    let handle = js.get_stream("Q").await.unwrap();
    for sequence in 1..=3 {
        handle.delete_message(sequence).await.unwrap();
    }
    // The time of the last one stays known.
    for (after, may_lack) in [("Q:3", false), ("Q:1", true)] {
        let start = Start::After(after.parse().unwrap());
        let entries = history(&js, &["Q", "S"])
            .range(&Filter::default(), &start)
            .await
            .unwrap();
        assert_eq!(entries.may_lack(), may_lack, "{after}");
        assert_eq!(read(entries).await, (vec![9], vec![]), "{after}");
    }
}
