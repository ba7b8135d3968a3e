use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use events_core::{Durability, ErrorKind, Event, EventSink as _, EventSinkExt as _, Outcome};
use sink_jsonl::{Config, Journal, JsonlSink, State};
use tokio::task::JoinSet;

use crate::{append, event, event_of, ids, open, place, records, words};

#[tokio::test]
async fn a_receipt_names_the_line_the_event_stands_on() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("journal");
    let journal = open(&dir, Config::default());
    let batch = [event(0), event_of(1, 500), event(2)];
    let results = journal.append(&batch).await;
    for (result, event) in results.into_iter().zip(&batch) {
        let outcome = result.as_ref().unwrap();
        assert!(matches!(outcome, Outcome::Delivered(_)));
        assert_eq!(outcome.receipt().durability(), Durability::Fsynced);
        let (segment, offset) = place(result);
        assert_eq!(segment, "00000000000000000001.jsonl");
        let file = fs::read(dir.join(segment)).unwrap();
        let line = &file[offset as usize..][..event.bytes().len() + 1];
        assert_eq!(line.strip_suffix(b"\n"), Some(&event.bytes()[..]));
    }
    assert_eq!(ids(&dir), [0, 1, 2]);
}

#[tokio::test]
async fn an_event_with_line_breaks_in_its_data_is_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let sink = JsonlSink::new(open(dir.path(), Config::default()));
    let data = "{\n  \"text\": \"one\\ntwo\",\r\n  \"n\": 1\n}";
    let event = Event::builder("1", "/test", "test.happened").json(data);
    let outcome = sink.send(event.build().unwrap()).await.unwrap();
    assert!(matches!(outcome, Outcome::Delivered(_)));
    assert_eq!(records(dir.path()).len(), 1);
    assert_eq!(sink.to_string(), "journal");
}

#[tokio::test]
async fn only_the_owner_may_read_what_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("above/journal");
    let journal = open(&dir, Config::default());
    let (segment, _) = place(append(&journal, 1).await);
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(dir.clone()), 0o700);
    assert_eq!(mode(dir.join(segment)), 0o600);
    assert_eq!(mode(dir.join("LOCK")), 0o600);
}

#[tokio::test]
async fn an_event_too_large_is_refused_alone_and_touches_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config {
        max_event_bytes: event(0).bytes().len(),
        ..Config::default()
    };
    let journal = open(dir.path(), config);
    let secret = event_of(1, 40);
    let refused = journal.append(std::slice::from_ref(&secret)).await;
    assert_eq!(records(dir.path()).len(), 0);
    assert!(crate::names(dir.path()).is_empty());
    let error = refused[0].as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected);
    assert!(!words(error).contains("xxxx"), "{}", words(error));

    let results = journal.append(&[event(0), secret, event(2)]).await;
    let took: Vec<bool> = results.iter().map(Result::is_ok).collect();
    assert_eq!(took, [true, false, true]);
    assert_eq!(ids(dir.path()), [0, 2]);
    assert_eq!(journal.status().state, State::Ok);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_senders_at_once_all_land_once() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config {
        segment_bytes: 4096,
        queue_events: 16,
        ..Config::default()
    };
    let sink = JsonlSink::new(open(dir.path(), config));
    let mut senders = JoinSet::new();
    for sender in 0..100 {
        let sink = sink.clone();
        senders.spawn(async move {
            for turn in 0..10 {
                let results = sink.deliver(&[event(sender * 10 + turn)]).await;
                assert!(results.iter().all(Result::is_ok));
            }
        });
    }
    senders.join_all().await;
    let found = ids(dir.path());
    for sender in 0..100 {
        let own: Vec<usize> = found
            .iter()
            .copied()
            .filter(|id| id / 10 == sender)
            .collect();
        let expected: Vec<usize> = (sender * 10..sender * 10 + 10).collect();
        assert_eq!(own, expected);
    }
    assert_eq!(found.len(), 1000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelled_deliveries_leave_whole_records_or_none() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path(), Config::default());
    let mut calls = JoinSet::new();
    for id in 0..300 {
        let journal = journal.clone();
        calls.spawn(async move { journal.append(&[event_of(id, 5000)]).await.len() });
    }
    for _ in 0..20 {
        calls.join_next().await.unwrap().unwrap();
    }
    calls.shutdown().await;
    assert!(append(&journal, 300).await.is_ok());
    drop(journal);
    // Reading parses every line.
    let mut found = ids(dir.path());
    assert_eq!(found.pop(), Some(300));
    found.sort_unstable();
    found.dedup();
    assert!((20..=300).contains(&found.len()), "{}", found.len());
    let reopened = open(dir.path(), Config::default());
    assert_eq!(reopened.open_report().torn, []);
}

#[tokio::test]
async fn what_was_taken_is_there_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    for run in 0..4 {
        let journal = open(dir.path(), Config::default());
        assert_eq!(journal.open_report().segments, usize::from(run > 0));
        assert!(append(&journal, run).await.is_ok());
        assert_eq!(journal.status().segments, 1);
        assert_eq!(journal.status().last_group, 1);
        assert!(journal.status().oldest_age.is_some());
        if run % 2 == 0 {
            journal.close().await.unwrap();
            assert_eq!(journal.status().state, State::Closed);
        }
    }
    assert_eq!(ids(dir.path()), [0, 1, 2, 3]);
}

#[tokio::test]
async fn debug_and_display_show_no_event() {
    let dir = tempfile::tempdir().unwrap();
    let sink = JsonlSink::new(open(dir.path(), Config::default()));
    let results = sink.deliver(&[event_of(1, 40)]).await;
    let shown = format!("{sink:?} {sink} {results:?} {:?}", records(dir.path()));
    assert!(!shown.contains("xxxx"), "{shown}");
}

#[tokio::test]
async fn an_empty_batch_has_no_results_and_leaves_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let journal: Journal = open(dir.path(), Config::default());
    assert!(journal.append(&[]).await.is_empty());
    assert!(crate::names(dir.path()).is_empty());
}
