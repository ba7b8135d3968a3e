use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use events_core::ErrorKind;
use sink_jsonl::{AppendError, Config, State};

use crate::{append, event, ids, names, open, place, words};

/// Segments with room for two events.
fn small() -> Config {
    Config {
        segment_bytes: 2 * event(0).bytes().len() as u64 + 2,
        ..Config::default()
    }
}

fn name(number: u64) -> String {
    format!("{number:020}.jsonl")
}

#[tokio::test]
async fn a_full_segment_is_followed_by_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path(), small());
    for id in 0..3 {
        assert!(append(&journal, id).await.is_ok());
    }
    let batch: Vec<_> = (3..8).map(event).collect();
    assert!(journal.append(&batch).await.iter().all(Result::is_ok));
    assert_eq!(names(dir.path()), [name(1), name(2), name(3), name(4)]);
    assert_eq!(ids(dir.path()), [0, 1, 2, 3, 4, 5, 6, 7]);
    for file in sink_jsonl::read::segments(dir.path()).unwrap() {
        assert_eq!(file.bytes, small().segment_bytes);
    }
    assert_eq!(journal.status().segments, 4);
    assert_eq!(journal.status().bytes, 4 * small().segment_bytes);
    drop(journal);
    // A full segment is not gone on with.
    let journal = open(dir.path(), small());
    assert_eq!(place(append(&journal, 8).await), (name(5), 0));
}

#[tokio::test]
async fn an_old_segment_is_followed_by_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config {
        segment_age: Duration::ZERO,
        ..Config::default()
    };
    let journal = open(dir.path(), config.clone());
    for id in 0..2 {
        assert!(append(&journal, id).await.is_ok());
    }
    drop(journal);
    let journal = open(dir.path(), config);
    assert_eq!(place(append(&journal, 2).await), (name(3), 0));
    assert_eq!(ids(dir.path()), [0, 1, 2]);
}

#[tokio::test]
async fn the_oldest_segments_go_when_there_is_too_much() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config {
        max_bytes: 3 * small().segment_bytes,
        ..small()
    };
    let journal = open(dir.path(), config.clone());
    for id in 0..20 {
        assert!(append(&journal, id).await.is_ok());
        assert!(journal.status().bytes <= config.max_bytes);
    }
    assert_eq!(ids(dir.path()), [14, 15, 16, 17, 18, 19]);
    assert_eq!(journal.status().segments, 3);
    drop(journal);
    let bound = Config {
        max_bytes: 0,
        ..config
    };
    let journal = open(dir.path(), bound);
    assert_eq!(names(dir.path()).len(), 0, "all three are closed");
    // The open one never goes, however little may be kept.
    for id in 20..22 {
        assert_eq!(place(append(&journal, id).await).0, name(11));
    }
    assert_eq!(ids(dir.path()), [20, 21]);
}

#[tokio::test]
async fn segments_go_when_their_last_event_is_too_old() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path(), small());
    for id in 0..7 {
        assert!(append(&journal, id).await.is_ok());
    }
    drop(journal);
    for (number, days) in [(1, 100), (2, 91), (3, 89), (4, 100)] {
        let ago = Duration::from_secs(days * 24 * 60 * 60);
        make_older(&dir.path().join(name(number)), ago);
    }
    let journal = open(dir.path(), small());
    assert_eq!(names(dir.path()), [name(3), name(4)]);
    assert_eq!(place(append(&journal, 7).await).0, name(4));
}

#[tokio::test]
async fn a_renamed_segment_is_left_to_its_owner_and_a_new_one_begun() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path(), Config::default());
    assert_eq!(place(append(&journal, 0).await), (name(1), 0));
    let rotated = dir.path().join("rotated.1");
    fs::rename(dir.path().join(name(1)), &rotated).unwrap();
    assert_eq!(place(append(&journal, 1).await), (name(2), 0));
    fs::remove_file(dir.path().join(name(2))).unwrap();
    assert_eq!(place(append(&journal, 2).await), (name(3), 0));
    assert_eq!(ids(dir.path()), [2]);
    let kept = fs::read(rotated).unwrap();
    assert_eq!(kept.strip_suffix(b"\n"), Some(&event(0).bytes()[..]));
}

#[tokio::test]
async fn a_segment_that_others_changed_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path(), Config::default());
    for id in 0..2 {
        assert!(append(&journal, id).await.is_ok());
    }
    // As `logrotate` does with `copytruncate`.
    fs::File::options()
        .write(true)
        .open(dir.path().join(name(1)))
        .unwrap()
        .set_len(0)
        .unwrap();
    assert_eq!(place(append(&journal, 2).await), (name(2), 0));
    fs::write(dir.path().join(name(2)), "replaced\n").unwrap();
    assert_eq!(place(append(&journal, 3).await), (name(3), 0));
    // A name that is taken already is passed over.
    fs::write(dir.path().join(name(4)), "").unwrap();
    journal.reopen();
    assert_eq!(place(append(&journal, 4).await), (name(5), 0));
}

#[tokio::test]
async fn a_reopened_journal_begins_a_new_segment() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path(), Config::default());
    assert_eq!(place(append(&journal, 0).await).0, name(1));
    journal.reopen();
    assert_eq!(place(append(&journal, 1).await), (name(2), 0));
    assert_eq!(place(append(&journal, 2).await).0, name(2));
    assert_eq!(ids(dir.path()), [0, 1, 2]);
}

#[tokio::test]
async fn a_directory_that_is_gone_is_said_and_used_again_when_it_is_back() {
    let above = tempfile::tempdir().unwrap();
    let (dir, away) = (above.path().join("journal"), above.path().join("away"));
    let journal = open(&dir, Config::default());
    assert_eq!(place(append(&journal, 0).await), (name(1), 0));

    fs::rename(&dir, &away).unwrap();
    for _ in 0..2 {
        let error = append(&journal, 1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        let cause = std::error::Error::source(&error).unwrap();
        let cause = cause.downcast_ref::<AppendError>().unwrap();
        assert!(matches!(cause, AppendError::Gone { dir: gone } if *gone == dir));
    }
    let State::Failed { reason } = journal.status().state else {
        panic!("{:?}", journal.status());
    };
    assert!(reason.contains(&*dir.to_string_lossy()), "{reason}");

    // The same directory comes back.
    fs::rename(&away, &dir).unwrap();
    assert!(append(&journal, 1).await.is_ok());
    assert_eq!(journal.status().state, State::Ok);
    assert_eq!(ids(&dir), [0, 1]);

    // It is deleted, and another made.
    fs::remove_dir_all(&dir).unwrap();
    assert!(append(&journal, 2).await.is_err());
    fs::create_dir(&dir).unwrap();
    let (segment, _) = place(append(&journal, 2).await);
    assert!(segment > name(2), "a number is not used twice: {segment}");
    assert_eq!(ids(&dir), [2]);
    assert!(sink_jsonl::Journal::open(&dir, Config::default()).is_err());
}

#[tokio::test]
async fn a_directory_that_cannot_be_trusted_is_not_taken_for_the_old_one() {
    let above = tempfile::tempdir().unwrap();
    let (dir, away) = (above.path().join("journal"), above.path().join("away"));
    let journal = open(&dir, Config::default());
    assert!(append(&journal, 0).await.is_ok());
    fs::rename(&dir, &away).unwrap();
    std::os::unix::fs::symlink(&away, &dir).unwrap();
    // The open segment is still at its path, and the same file.
    assert!(append(&journal, 1).await.is_ok());
    journal.reopen();
    let error = append(&journal, 2).await.unwrap_err();
    assert!(
        words(&error).contains("is a symbolic link"),
        "{}",
        words(&error)
    );
}

fn make_older(path: &Path, ago: Duration) {
    let now: SystemTime = events_core::time::now().into();
    let file = fs::File::options().append(true).open(path).unwrap();
    file.set_modified(now - ago).unwrap();
}
