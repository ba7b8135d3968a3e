//! Reading a spool that somebody else holds.

use std::fs;
use std::os::unix::fs::FileExt as _;

use sink_dlq::{Area, ReadError, read};

use crate::{append, cause, event_id, open, segments};

#[tokio::test]
async fn a_held_spool_is_read_as_it_stands_and_not_changed() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(dir.path());
    let mut stored = Vec::new();
    for id in 0..6 {
        stored.push(append(&spool, id).await.unwrap().id);
    }
    spool.settle(vec![stored[0]]).await.unwrap();
    let moved = spool
        .relocate(vec![(stored[2], Area::Dead, cause("refused"))])
        .await;
    assert!(moved[0].is_ok());
    let found: Vec<_> = read(dir.path()).unwrap().map(Result::unwrap).collect();
    let places: Vec<_> = found
        .iter()
        .map(|record| (record.area, event_id(record)))
        .collect();
    let waiting = [1, 3, 4, 5].map(|id| (Area::Waiting, id));
    assert_eq!(places, [&waiting[..], &[(Area::Dead, 2)]].concat());
    for record in &found {
        let held = spool.get(record.id).await.unwrap().unwrap();
        assert_eq!(
            (&held.place, held.event.bytes()),
            (&record.place, record.event.bytes())
        );
    }

    let segment = segments(dir.path(), Area::Waiting).remove(0);
    let before = fs::read(&segment).unwrap();
    let file = fs::OpenOptions::new().write(true).open(&segment).unwrap();
    file.write_all_at(b"#", before.len() as u64 * 3 / 4)
        .unwrap();
    let damaged = fs::read(&segment).unwrap();
    let (found, errors): (Vec<_>, Vec<_>) = read(dir.path()).unwrap().partition(Result::is_ok);
    assert_eq!((found.len(), errors.len()), (4, 1));
    assert!(matches!(&errors[0], Err(ReadError::Damaged(damage)) if damage.area == Area::Waiting));
    assert_eq!(fs::read(&segment).unwrap(), damaged);

    fs::write(&segment, &before[..before.len() - 1]).unwrap();
    let errors: Vec<_> = read(dir.path()).unwrap().filter_map(Result::err).collect();
    assert!(
        matches!(&errors[..], [ReadError::TornTail(_)]),
        "{errors:?}"
    );
    assert_eq!(read(&dir.path().join("nothing")).unwrap().count(), 0);
}
