//! Records come, move and go, and a restart changes nothing.

use events_core::ErrorKind;
use sink_dlq::{Area, Cause, Limit, SpoolError, State};

use crate::{append, at, cause, entry, event_id, ids, open, place_of, records, segments};

#[tokio::test]
async fn what_was_stored_is_there_byte_for_byte_before_and_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(dir.path());
    let entries: Vec<_> = (0..5).map(entry).collect();
    let stored = spool.append(Area::Waiting, entries.clone()).await;
    let stored: Vec<_> = stored.into_iter().map(Result::unwrap).collect();
    drop(spool);
    for _ in 0..2 {
        let spool = open(dir.path());
        let found = records(&spool, Area::Waiting).await;
        assert_eq!(found.len(), 5);
        for ((record, entry), stored) in found.iter().zip(&entries).zip(&stored) {
            assert_eq!(place_of(record), (stored.id, stored.place.clone()));
            assert_eq!(record.event.bytes(), entry.event.bytes());
            assert_eq!(
                (&record.subject, &record.cause),
                (&entry.subject, &entry.cause)
            );
            let alone = spool.get(stored.id).await.unwrap().unwrap();
            assert_eq!(alone.event.bytes(), entry.event.bytes());
        }
        assert_eq!(spool.waiting_of("test.0"), 2);
        assert_eq!(spool.waiting_of("test.7"), 0);
        assert_eq!(spool.status().state, State::Ok);
    }
}

#[tokio::test]
async fn records_are_read_a_page_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(dir.path());
    spool
        .append(Area::Waiting, (0..7).map(entry).collect())
        .await;
    let limit = Limit {
        records: 3,
        bytes: usize::MAX,
    };
    let (mut after, mut found) = (None, Vec::new());
    loop {
        let page = spool.next(Area::Waiting, after, limit).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 3);
        after = Some(last.id);
        found.extend(page.iter().map(event_id));
    }
    assert_eq!(found, [0, 1, 2, 3, 4, 5, 6]);
    let one = Limit {
        records: 3,
        bytes: 1,
    };
    let page = spool.next(Area::Waiting, None, one).await.unwrap();
    assert_eq!(page.len(), 1, "the first always fits");
}

#[tokio::test]
async fn removed_records_stay_removed_and_ids_rise() {
    let dir = tempfile::tempdir().unwrap();
    let mut highest = None;
    for round in 0..4 {
        let spool = open(dir.path());
        assert!(ids(&spool, Area::Waiting).await.is_empty(), "round {round}");
        let (one, other) = (
            append(&spool, 1).await.unwrap(),
            append(&spool, 2).await.unwrap(),
        );
        assert!(Some(one.id) > highest && other.id > one.id);
        highest = Some(other.id);
        spool.settle(vec![one.id]).await.unwrap();
        assert_eq!(ids(&spool, Area::Waiting).await, [2]);
        spool.discard(vec![other.id, one.id]).await.unwrap();
        assert!(spool.get(other.id).await.unwrap().is_none());
        spool.close().await.unwrap();
        assert!(matches!(append(&spool, 3).await, Err(SpoolError::Closed)));
        assert_eq!(spool.status().state, State::Closed);
    }
    assert!(segments(dir.path(), Area::Waiting).len() <= 1);
}

#[tokio::test]
async fn a_record_keeps_its_id_wherever_it_moves() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(dir.path());
    let id = append(&spool, 1).await.unwrap().id;
    append(&spool, 2).await.unwrap();
    let tour = [
        Area::Dead,
        Area::Waiting,
        Area::Dead,
        Area::SetAside,
        Area::Waiting,
    ];
    let mut spool = spool;
    for (step, area) in tour.into_iter().enumerate() {
        let why = Cause::new(
            ErrorKind::Rejected,
            &format!("step {step}"),
            at(step as u64),
        );
        let moved = spool.relocate(vec![(id, area, why.clone())]).await;
        assert_eq!(moved[0].as_ref().unwrap().id, id);
        drop(spool);
        spool = open(dir.path());
        let record = spool.get(id).await.unwrap().unwrap();
        assert_eq!((record.area, event_id(&record)), (area, 1));
        assert_eq!(record.cause, why);
        assert_eq!(spool.open_report().records, 2);
    }
    assert_eq!(
        ids(&spool, Area::Waiting).await,
        [1, 2],
        "in the order of ids"
    );
    spool.settle(vec![id]).await.unwrap();
    drop(spool);
    let spool = open(dir.path());
    assert!(
        spool.get(id).await.unwrap().is_none(),
        "no earlier copy comes back"
    );
    let lost = spool.relocate(vec![(id, Area::Dead, cause(""))]).await;
    assert!(matches!(lost[0], Err(SpoolError::Unknown { id: missing }) if missing == id));
}

#[tokio::test]
async fn attempts_are_counted_until_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(dir.path());
    let id = append(&spool, 1).await.unwrap().id;
    for second in [5, 6] {
        spool.note_attempt(&[id], ErrorKind::Saturated, "full\n", at(second));
    }
    let cause = spool.get(id).await.unwrap().unwrap().cause;
    assert_eq!((cause.attempts, cause.kind), (3, ErrorKind::Saturated));
    assert_eq!((&*cause.reason, cause.last_failed), ("full\\u{a}", at(6)));
    assert_eq!(cause.first_failed, at(1_700_000_000));
    drop(spool);
    let spool = open(dir.path());
    assert_eq!(spool.get(id).await.unwrap().unwrap().cause.attempts, 1);
}
