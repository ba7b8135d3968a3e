use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use events_core::subject::Routes;
use events_core::{Event, EventSinkExt as _, Filter, NoopSink, WireEvent};
use futures::{StreamExt as _, TryStreamExt as _};
use sink_jsonl::history::{Entries, Entry, History, HistoryError, Item, Start};
use sink_jsonl::{Config, Journal};
use tokio::time::timeout;

use crate::{append, event, names, open, place};

/// Segments with room for ten events.
fn small() -> Config {
    Config {
        segment_bytes: 10 * (event(0).bytes().len() as u64 + 1),
        ..Config::default()
    }
}

/// A journal of the events `0` to `count`, not included.
async fn filled(dir: &Path, count: usize) -> Journal {
    let journal = open(dir, small());
    let events: Vec<WireEvent> = (0..count).map(event).collect();
    assert!(journal.append(&events).await.iter().all(Result::is_ok));
    journal
}

fn history(dir: &Path) -> History {
    History::new(dir, Routes::default())
}

fn ids(items: &[Item]) -> Vec<usize> {
    let id = |item: &Item| {
        let event = item.event().unwrap();
        event.attributes().id().as_str().parse().unwrap()
    };
    items.iter().map(id).collect()
}

async fn all(mut entries: Entries) -> Result<(Vec<Item>, Vec<String>), HistoryError> {
    let (mut items, mut gaps) = (Vec::new(), Vec::new());
    while let Some(entry) = entries.try_next().await? {
        match entry {
            Entry::Item(item) => items.push(item),
            Entry::Gap(gap) => gaps.push(gap.to_string()),
        }
    }
    Ok((items, gaps))
}

async fn next(entries: &mut Entries) -> Entry {
    let next = timeout(Duration::from_secs(10), entries.next()).await;
    next.unwrap().unwrap().unwrap()
}

async fn next_id(entries: &mut Entries) -> usize {
    match next(entries).await {
        Entry::Item(item) => ids(&[item]).remove(0),
        Entry::Gap(gap) => panic!("a gap: {gap}"),
    }
}

fn of(number: u64) -> String {
    format!("{number:020}.jsonl")
}

#[tokio::test]
async fn the_newest_are_read_from_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let _journal = filled(dir.path(), 95).await;
    // What is not needed is not read: this could not be.
    fs::remove_file(dir.path().join(of(1))).unwrap();
    fs::create_dir(dir.path().join(of(1))).unwrap();
    let history = history(dir.path());
    let newest = history.newest(&Filter::default(), 12).await.unwrap();
    assert!(ids(&newest).into_iter().eq(83..95));
    assert_eq!(newest[11].position.segment(), of(10));
    assert_eq!(
        newest[11].subject.as_deref(),
        Some("consign.events.single.test.happened")
    );
    assert_eq!(
        history.newest(&Filter::default(), 0).await.unwrap().len(),
        0
    );
    assert_eq!(
        history
            .newest(&Filter::default(), 1000)
            .await
            .unwrap()
            .len(),
        85
    );
}

#[tokio::test]
async fn limits_are_exact_with_filters() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path(), small());
    for id in 0..60 {
        let kind = if id % 3 == 0 { "a.x" } else { "b.x" };
        let time = format!("2026-01-01T00:00:{id:02}Z");
        let event = Event::builder(&id.to_string(), "/test", kind).time(&time);
        let event = NoopSink.seal(vec![event.build().unwrap()]).remove(0);
        assert!(journal.append(&[event.unwrap()]).await[0].is_ok());
    }
    let history = history(dir.path());
    let newest = async |filter: &Filter, limit| ids(&history.newest(filter, limit).await.unwrap());
    let kind = Filter {
        kind: Some("a.x".parse().unwrap()),
        ..Filter::default()
    };
    assert_eq!(newest(&kind, 3).await, [51, 54, 57]);
    let subject = Filter {
        subject: Some("consign.events.*.a.>".parse().unwrap()),
        until: Some("2026-01-01T00:00:30Z".parse().unwrap()),
        ..Filter::default()
    };
    assert_eq!(newest(&subject, 3).await, [21, 24, 27]);
    assert_eq!(newest(&subject, 100).await.len(), 10);
    let late = Filter {
        since: Some("2026-01-01T00:00:58Z".parse().unwrap()),
        ..Filter::default()
    };
    assert_eq!(newest(&late, 100).await, [58, 59]);
    let range = history.range(&late, Start::Oldest).await.unwrap();
    assert_eq!(ids(&all(range).await.unwrap().0), [58, 59]);
}

#[tokio::test]
async fn a_range_is_everything_up_to_now_and_goes_on_from_any_position() {
    let dir = tempfile::tempdir().unwrap();
    let journal = filled(dir.path(), 35).await;
    let history = history(dir.path());
    let read = history
        .range(&Filter::default(), Start::Oldest)
        .await
        .unwrap();
    assert!(append(&journal, 35).await.is_ok());
    let (items, gaps) = all(read).await.unwrap();
    assert!(gaps.is_empty());
    assert!(ids(&items).into_iter().eq(0..35));
    for (index, item) in items.iter().enumerate() {
        let after = Start::After(item.position.to_string().parse().unwrap());
        let rest = history.range(&Filter::default(), after).await.unwrap();
        assert!(
            ids(&all(rest).await.unwrap().0)
                .into_iter()
                .eq(index + 1..36)
        );
    }
    let next = history
        .range(&Filter::default(), Start::Next)
        .await
        .unwrap();
    assert_eq!(all(next).await.unwrap().0.len(), 0);
}

#[tokio::test]
async fn a_receipt_is_a_position() {
    let dir = tempfile::tempdir().unwrap();
    let journal = filled(dir.path(), 5).await;
    let (segment, offset) = place(append(&journal, 5).await);
    let newest = history(dir.path())
        .newest(&Filter::default(), 1)
        .await
        .unwrap();
    assert_eq!(
        newest[0].position.to_string(),
        format!("{segment}:{offset}")
    );
}

#[tokio::test]
async fn segments_that_went_are_a_gap() {
    let dir = tempfile::tempdir().unwrap();
    let _journal = filled(dir.path(), 60).await;
    let history = history(dir.path());
    let newest = history.newest(&Filter::default(), 60).await.unwrap();
    let mut read = history
        .range(&Filter::default(), Start::Oldest)
        .await
        .unwrap();
    for id in 0..10 {
        assert_eq!(next_id(&mut read).await, id);
    }
    for number in [1, 2, 3, 5] {
        fs::remove_file(dir.path().join(of(number))).unwrap();
    }
    let (items, gaps) = all(read).await.unwrap();
    assert!(ids(&items).into_iter().eq((30..40).chain(50..60)));
    let first = format!("{}:0 to {}:0", of(2), of(4));
    assert_eq!(gaps, [first, format!("{}:0 to {}:0", of(5), of(6))]);
    let gone = Start::After(newest[3].position);
    let read = history.range(&Filter::default(), gone).await.unwrap();
    let (items, gaps) = all(read).await.unwrap();
    assert_eq!(items.len(), 20);
    assert_eq!(gaps[0], format!("{} to {}:0", newest[3].position, of(4)));
    // None of its ids is one of this journal.
    let other = Start::After(format!("{}:3", of(4)).parse().unwrap());
    let read = history.range(&Filter::default(), other).await.unwrap();
    assert_eq!(all(read).await.unwrap().1.len(), 2);
}

#[tokio::test]
async fn a_range_whose_end_goes_away_ends_with_a_gap() {
    let dir = tempfile::tempdir().unwrap();
    let journal = filled(dir.path(), 25).await;
    let read = history(dir.path())
        .range(&Filter::default(), Start::Oldest)
        .await
        .unwrap();
    drop(journal);
    fs::remove_file(dir.path().join(of(3))).unwrap();
    let (items, gaps) = all(read).await.unwrap();
    assert!(ids(&items).into_iter().eq(0..20));
    assert_eq!(gaps.len(), 1);
}

#[tokio::test]
async fn what_is_torn_too_long_or_no_event_is_no_error() {
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path(), 3).await);
    let path = dir.path().join(of(1));
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(b"no event\n").unwrap();
    file.write_all(&vec![b'x'; (17 << 20) + 1]).unwrap();
    file.write_all(b"\n").unwrap();
    file.write_all(event(3).bytes()).unwrap();
    file.write_all(b"\n{\"torn").unwrap();
    let history = history(dir.path());
    let read = history
        .range(&Filter::default(), Start::Oldest)
        .await
        .unwrap();
    let (items, gaps) = all(read).await.unwrap();
    assert_eq!((items.len(), gaps.len()), (5, 1));
    assert_eq!(items[3].body.bytes(), "no event");
    let newest = history.newest(&Filter::default(), 10).await.unwrap();
    let positions = |items: &[Item]| items.iter().map(|item| item.position).collect::<Vec<_>>();
    assert_eq!(positions(&newest), positions(&items));
    let kind = Filter {
        kind: Some("test.happened".parse().unwrap()),
        ..Filter::default()
    };
    let newest = history.newest(&kind, 2).await.unwrap();
    assert_eq!(ids(&newest), [2, 3]);
}

#[tokio::test]
async fn what_is_appended_is_followed_across_segments() {
    let dir = tempfile::tempdir().unwrap();
    let journal = filled(dir.path(), 5).await;
    let history = history(dir.path());
    let mut new = history
        .follow(&Filter::default(), Start::Next)
        .await
        .unwrap();
    let mut old = history
        .follow(&Filter::default(), Start::Oldest)
        .await
        .unwrap();
    for id in 0..5 {
        assert_eq!(next_id(&mut old).await, id);
    }
    for id in 5..40 {
        assert!(append(&journal, id).await.is_ok());
        if id % 7 == 0 {
            journal.reopen();
        }
    }
    for id in 5..40 {
        assert_eq!(next_id(&mut new).await, id);
        assert_eq!(next_id(&mut old).await, id);
    }
    assert!(names(dir.path()).len() > 4);
    let resumed = Start::After(old.position().unwrap());
    let mut resumed = history.follow(&Filter::default(), resumed).await.unwrap();
    assert!(append(&journal, 40).await.is_ok());
    assert_eq!(next_id(&mut resumed).await, 40);
}

#[tokio::test]
async fn an_empty_journal_can_be_followed_and_a_missing_one_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().join("journal");
    let history = history(&at);
    assert!(history.newest(&Filter::default(), 1).await.is_err());
    let journal = open(&at, small());
    assert_eq!(
        history.newest(&Filter::default(), 1).await.unwrap().len(),
        0
    );
    let range = history
        .range(&Filter::default(), Start::Oldest)
        .await
        .unwrap();
    assert_eq!(all(range).await.unwrap().0.len(), 0);
    let mut live = history
        .follow(&Filter::default(), Start::Next)
        .await
        .unwrap();
    assert!(append(&journal, 0).await.is_ok());
    assert_eq!(next_id(&mut live).await, 0);
}

#[tokio::test]
async fn a_follower_survives_what_is_cut_off_and_a_journal_begun_anew() {
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path(), 15).await);
    let history = history(dir.path());
    let mut live = history
        .follow(&Filter::default(), Start::Oldest)
        .await
        .unwrap();
    for id in 0..15 {
        assert_eq!(next_id(&mut live).await, id);
    }
    let file = OpenOptions::new()
        .write(true)
        .open(dir.path().join(of(2)))
        .unwrap();
    file.set_len(event(0).bytes().len() as u64 + 1).unwrap();
    // It has to see that the segment is shorter before that grows again.
    assert!(
        timeout(Duration::from_millis(300), live.next())
            .await
            .is_err()
    );
    let journal = open(dir.path(), small());
    assert!(append(&journal, 20).await.is_ok());
    assert_eq!(next_id(&mut live).await, 20);
    drop(journal);
    for number in [1, 2] {
        fs::remove_file(dir.path().join(of(number))).unwrap();
    }
    let journal = open(dir.path(), small());
    assert!(append(&journal, 30).await.is_ok());
    assert!(matches!(next(&mut live).await, Entry::Gap(_)));
    assert_eq!(next_id(&mut live).await, 30);
}
