//! Callers of a journal whose disk hangs: deadlines, order, and what becomes of the events.

use std::future::poll_fn;
use std::path::Path;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use events_core::{ErrorKind, Outcome, Place, SinkError, WireEvent};

use events_disk::faults::{Disk, Faulty};

use super::{event, id_on};
use crate::read::{Records, segments};
use crate::{Config, Journal, State};

/// Two events fit into the queue.
fn journal(faulty: &Faulty, dir: &Path) -> Journal {
    let config = Config {
        queue_events: 2,
        deadline: Duration::from_secs(3),
        ..Config::default()
    };
    Journal::open_on(Box::new(faulty.clone()), dir.to_owned(), config).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_caller_waits_no_longer_than_the_deadline() {
    let (dir, faulty) = (tempfile::tempdir().unwrap(), Faulty::new(None));
    let journal = journal(&faulty, dir.path());
    faulty.set_disk(Disk::Hangs);
    let events: Vec<WireEvent> = (0..4).map(event).collect();

    let mut written = pin!(journal.append(&events[..1]));
    assert!(poll_once(written.as_mut()).await.is_none());
    faulty.wait_until_it_hangs();
    let (written, inside, outside) = tokio::join!(
        written,
        journal.append(&events[1..3]),
        journal.append(&events[3..]),
    );
    assert_eq!(kinds(&written), [ErrorKind::Unavailable]);
    assert_eq!(kinds(&inside), [ErrorKind::Saturated; 2]);
    assert_eq!(kinds(&outside), [ErrorKind::Saturated]);
    assert_eq!(journal.status().queued_events, 0);

    // What was not begun is absent; what was, stands there, and gets its place when it comes again.
    faulty.set_disk(Disk::Answers);
    tokio::time::resume();
    let again = journal.append(&events).await;
    let places: Vec<Place> = again.into_iter().map(place).collect();
    assert_eq!(ids(dir.path()), [0, 1, 2, 3]);
    assert_eq!(offset(&places[0]), 0);
    assert!(places.iter().map(offset).is_sorted());
}

#[tokio::test]
async fn a_caller_that_goes_away_takes_back_what_was_not_begun() {
    let (dir, faulty) = (tempfile::tempdir().unwrap(), Faulty::new(None));
    let journal = journal(&faulty, dir.path());
    faulty.set_disk(Disk::Hangs);
    let events: Vec<WireEvent> = (0..4).map(event).collect();
    {
        let mut begun = pin!(journal.append(&events[..1]));
        assert!(poll_once(begun.as_mut()).await.is_none());
        faulty.wait_until_it_hangs();
        let mut inside = pin!(journal.append(&events[1..2]));
        assert!(poll_once(inside.as_mut()).await.is_none());
        assert_eq!(journal.status().queued_events, 1);
    }
    assert_eq!(journal.status().queued_events, 0);
    faulty.set_disk(Disk::Answers);
    let last = journal.append(&events[3..]).await;
    assert!(last.iter().all(Result::is_ok));
    assert_eq!(ids(dir.path()), [0, 3]);
}

#[tokio::test]
async fn events_are_written_in_the_order_of_hand_over_whoever_had_to_wait() {
    let (dir, faulty) = (tempfile::tempdir().unwrap(), Faulty::new(None));
    let journal = journal(&faulty, dir.path());
    faulty.set_disk(Disk::Hangs);
    let events: Vec<WireEvent> = (0..40).map(event).collect();
    let mut calls = Vec::new();
    // A batch of five does not fit into the queue as one.
    for batch in events.chunks(5) {
        let mut call = Box::pin(journal.append(batch));
        assert!(poll_once(call.as_mut()).await.is_none());
        calls.push(call);
    }
    faulty.set_disk(Disk::Answers);
    // Whoever is asked first, order is as it was.
    for call in calls.into_iter().rev() {
        assert!(call.await.iter().all(Result::is_ok));
    }
    let expected: Vec<usize> = (0..40).collect();
    assert_eq!(ids(dir.path()), expected);
    assert!(journal.status().last_group <= 2);
}

#[tokio::test]
async fn closing_writes_what_was_handed_over_and_takes_nothing_more() {
    let (dir, faulty) = (tempfile::tempdir().unwrap(), Faulty::new(None));
    let journal = journal(&faulty, dir.path());
    faulty.set_disk(Disk::Hangs);
    let events: Vec<WireEvent> = (0..6).map(event).collect();
    let mut early = pin!(journal.append(&events[..5]));
    assert!(poll_once(early.as_mut()).await.is_none());
    let mut close = pin!(journal.close());
    assert!(poll_once(close.as_mut()).await.is_none());
    let late = journal.append(&events[5..]).await;
    assert_eq!(kinds(&late), [ErrorKind::Unavailable]);
    assert_eq!(journal.status().state, State::Closed);
    faulty.set_disk(Disk::Answers);
    close.await.unwrap();
    assert!(early.await.iter().all(Result::is_ok));
    assert_eq!(ids(dir.path()), [0, 1, 2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn closing_and_dropping_do_not_wait_for_a_dead_disk() {
    let (dir, faulty) = (tempfile::tempdir().unwrap(), Faulty::new(None));
    let config = Config {
        deadline: Duration::from_millis(20),
        ..Config::default()
    };
    let journal = Journal::open_on(Box::new(faulty.clone()), dir.path().to_owned(), config);
    let journal = journal.unwrap();
    faulty.set_disk(Disk::Hangs);
    let events = [event(0)];
    {
        let mut refused = pin!(journal.append(&events));
        assert!(poll_once(refused.as_mut()).await.is_none());
        faulty.wait_until_it_hangs();
        assert_eq!(kinds(&refused.await), [ErrorKind::Unavailable]);
    }
    assert!(journal.close().await.is_err());
    drop(journal);
    faulty.set_disk(Disk::Answers);
}

fn kinds(results: &[Result<Outcome, SinkError>]) -> Vec<ErrorKind> {
    let error = |result: &Result<Outcome, SinkError>| result.as_ref().unwrap_err().kind();
    results.iter().map(error).collect()
}

fn place(result: Result<Outcome, SinkError>) -> Place {
    result.unwrap().receipt().place().clone()
}

fn offset(place: &Place) -> u64 {
    let Place::Journal { offset, .. } = place else {
        panic!("{place:?}");
    };
    *offset
}

fn ids(dir: &Path) -> Vec<usize> {
    let records = Records::new(segments(dir).unwrap());
    records.map(|record| id_on(record.unwrap().line)).collect()
}

/// Polls a future once; `None` when it is not ready.
async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}
