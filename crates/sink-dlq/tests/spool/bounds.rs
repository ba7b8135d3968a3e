//! What is refused, and what makes room again.

use std::fs;
use std::os::unix::fs::FileExt as _;

use sink_dlq::{Area, Spool, SpoolConfig, SpoolError, State};

use crate::{append, cause, config, entry_of, ids, open, segments};

fn tight() -> SpoolConfig {
    SpoolConfig {
        max_bytes: 20_000,
        kept_bytes: 4_000,
        max_event_bytes: 3_000,
        ..config()
    }
}

/// FD1: refused loudly, nothing evicted, and room makes it work again.
#[tokio::test]
async fn a_full_spool_refuses_until_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(dir.path(), tight()).unwrap();
    let (mut stored, mut count) = (Vec::new(), 0);
    let refusal = loop {
        let mut results = spool
            .append(Area::Waiting, vec![entry_of(count, 1000)])
            .await;
        match results.remove(0) {
            Ok(taken) => stored.push(taken.id),
            Err(error) => break error,
        }
        count += 1;
    };
    assert!(count > 10, "only {count}");
    assert!(
        matches!(
            refusal,
            SpoolError::Full {
                area: Area::Waiting,
                ..
            }
        ),
        "{refusal}"
    );
    assert!(matches!(spool.status().state, State::Failed { .. }));
    assert!(spool.status().waiting.bytes <= 20_000);
    assert_eq!(ids(&spool, Area::Waiting).await.len(), count);
    spool
        .settle(stored.drain(..count / 2).collect())
        .await
        .unwrap();
    append(&spool, count).await.unwrap();
    assert_eq!(spool.status().state, State::Ok);
    assert_eq!(spool.status().waiting.records, count - count / 2 + 1);

    // The other areas have room of their own, and no more.
    let moves = stored
        .iter()
        .map(|id| (*id, Area::Dead, cause("no")))
        .collect();
    let moved = spool.relocate(moves).await;
    let taken = moved.iter().take_while(|moved| moved.is_ok()).count();
    assert!(taken > 0 && taken < moved.len(), "{taken} {moved:?}");
    assert!(matches!(
        moved[taken],
        Err(SpoolError::Full {
            area: Area::Dead,
            ..
        })
    ));
    assert_eq!(
        spool.status().waiting.records,
        count - count / 2 + 1 - taken
    );
    let status = spool.status();
    assert_eq!(status.dead.records, taken);
    assert!(matches!(status.dead.state, State::Failed { .. }));
    assert_eq!((status.state, status.waiting.state), (State::Ok, State::Ok));
}

#[tokio::test]
async fn an_oversized_entry_is_refused_alone() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(dir.path(), tight()).unwrap();
    let mut entries = vec![entry_of(0, 0), entry_of(1, 5_000), entry_of(2, 0)];
    entries[2].subject = "x".repeat(70_000);
    entries.push(entry_of(3, 0));
    let results = spool.append(Area::Waiting, entries).await;
    let taken: Vec<bool> = results.iter().map(Result::is_ok).collect();
    assert_eq!(taken, [true, false, false, true]);
    for refused in &results[1..3] {
        assert!(
            matches!(refused, Err(SpoolError::TooLarge { .. })),
            "{refused:?}"
        );
    }
}

/// FD5: found when it is read, told, and passed over.
#[tokio::test]
async fn a_record_damaged_under_a_running_spool_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(dir.path());
    for id in 0..3 {
        append(&spool, id).await.unwrap();
    }
    let segment = segments(dir.path(), Area::Waiting).remove(0);
    let length = fs::metadata(&segment).unwrap().len();
    let file = fs::OpenOptions::new().write(true).open(&segment).unwrap();
    file.write_all_at(b"#", length / 2).unwrap();
    assert_eq!(ids(&spool, Area::Waiting).await, [0, 2]);
    let status = spool.status();
    assert_eq!((status.waiting.records, status.quarantine.records), (2, 1));
    assert_eq!(status.quarantine.ranges, 1);
    drop(spool);
    let spool = open(dir.path());
    assert_eq!(ids(&spool, Area::Waiting).await, [0, 2]);
    assert_eq!(spool.open_report().damaged.len(), 1);
    assert_eq!(spool.status().quarantine.ranges, 1, "kept once");
}

/// FD13
#[tokio::test]
async fn the_quarantine_is_bounded_and_keeps_the_oldest() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(dir.path());
    for id in 0..9 {
        append(&spool, id).await.unwrap();
    }
    drop(spool);
    let segment = segments(dir.path(), Area::Waiting).remove(0);
    let length = fs::metadata(&segment).unwrap().len();
    let record = (length - 64) / 9;
    let file = fs::OpenOptions::new().write(true).open(&segment).unwrap();
    for damaged in [1, 3, 5, 7] {
        file.write_all_at(b"#", 64 + damaged * record + 40).unwrap();
    }
    let config = SpoolConfig {
        quarantine_bytes: 2 * record + 10,
        ..config()
    };
    for not_kept in [2, 2] {
        let spool = Spool::open(dir.path(), config.clone()).unwrap();
        assert_eq!(ids(&spool, Area::Waiting).await, [0, 2, 4, 6, 8]);
        assert_eq!(spool.open_report().damaged.len(), 4);
        let quarantine = spool.status().quarantine;
        assert_eq!((quarantine.ranges, quarantine.not_kept), (2, not_kept));
        assert!(quarantine.bytes <= config.quarantine_bytes);
    }
}
