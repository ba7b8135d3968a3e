//! What one failing call leads to, where it is more than that nothing is lost.

use std::path::Path;

use events_core::Place;
use events_disk::faults::{Call, Fault, Faulty, Plan, fast_disk};
use rustix::io::Errno;

use super::{entry, event_id};
use crate::spool::log::Durable;
use crate::spool::store::{Store, Write};
use crate::spool::{Area, Config, Limit, SpoolError, Stored};

fn open(faulty: &Faulty, dir: &Path) -> Store {
    let config = Config {
        reserve_bytes: 0,
        ..Config::default()
    };
    let (store, _) = Store::open(Box::new(faulty.clone()), dir, config).unwrap();
    store
}

fn append(store: &mut Store, id: usize) -> Result<Stored, SpoolError> {
    let written = store.write(vec![Write::New(Area::Waiting, entry(id))]);
    written.into_iter().next().unwrap()
}

fn segment(stored: Stored) -> String {
    let Place::Spool { segment, .. } = stored.place else {
        panic!("not a spool's place");
    };
    segment
}

fn ids(store: &mut Store) -> Vec<usize> {
    let all = Limit {
        records: usize::MAX,
        bytes: usize::MAX,
    };
    let loaded = store.read(Area::Waiting, None, all).unwrap();
    loaded.iter().map(event_id).collect()
}

fn is_well(store: &Store) -> bool {
    let figures = store.shared();
    figures.figures().failures.of(Area::Waiting).is_none()
}

#[test]
fn an_interrupted_write_is_no_fault() {
    let (dir, faulty) = (
        tempfile::tempdir_in(fast_disk()).unwrap(),
        Faulty::new(None),
    );
    let mut store = open(&faulty, dir.path());
    append(&mut store, 0).unwrap();
    faulty.fail_next(Call::Write, Errno::INTR, 3);
    append(&mut store, 1).unwrap();
    assert_eq!(ids(&mut store), [0, 1]);
}

/// FD2
#[test]
fn a_segment_the_disk_did_not_confirm_takes_nothing_more() {
    let (dir, faulty) = (
        tempfile::tempdir_in(fast_disk()).unwrap(),
        Faulty::new(None),
    );
    let mut store = open(&faulty, dir.path());
    let first = segment(append(&mut store, 0).unwrap());
    faulty.fail_next(Call::SyncData, Errno::IO, 1);
    let second = segment(append(&mut store, 1).unwrap());
    assert!(second > first);
    assert_eq!(segment(append(&mut store, 2).unwrap()), second);
    assert!(is_well(&store));
    drop(store);
    assert_eq!(ids(&mut open(&faulty, dir.path())), [0, 1, 2]);
}

/// FD2
#[test]
fn a_disk_that_confirms_nothing_is_given_up_on_for_now() {
    let (dir, faulty) = (
        tempfile::tempdir_in(fast_disk()).unwrap(),
        Faulty::new(None),
    );
    let mut store = open(&faulty, dir.path());
    append(&mut store, 0).unwrap();
    for _ in 0..10 {
        faulty.fail_next(Call::SyncData, Errno::IO, 2);
        let error = append(&mut store, 1).unwrap_err();
        assert!(
            matches!(error, SpoolError::Io { doing: "sync", .. }),
            "{error}"
        );
        assert!(!is_well(&store));
    }
    append(&mut store, 1).unwrap();
    assert!(is_well(&store));
    assert_eq!(ids(&mut store), [0, 1]);
    let files = std::fs::read_dir(dir.path().join("waiting"))
        .unwrap()
        .count();
    assert!(files < 5, "attempts leave {files} files behind");
    drop(store);
    assert_eq!(
        ids(&mut open(&faulty, dir.path())),
        [0, 1],
        "and nothing refused"
    );
}

#[test]
fn a_tail_that_cannot_be_cut_harms_nothing_behind_it() {
    let (dir, faulty) = (
        tempfile::tempdir_in(fast_disk()).unwrap(),
        Faulty::new(None),
    );
    let mut store = open(&faulty, dir.path());
    append(&mut store, 0).unwrap();
    faulty.fail_next(Call::SetLen, Errno::IO, 100);
    faulty.plan(Plan {
        fault: Fault::ShortThen(Errno::NOSPC),
        first: faulty.calls() + 1,
        width: 2,
        crash: None,
    });
    let error = append(&mut store, 1).unwrap_err();
    assert!(matches!(error, SpoolError::Full { .. }), "{error}");
    append(&mut store, 2).unwrap();
    drop(store);
    let mut store = open(&faulty, dir.path());
    assert_eq!(ids(&mut store), [0, 2]);
}

/// The file of removals is a link, which nothing reads through.
#[test]
fn removals_are_noted_anew_where_the_earlier_ones_cannot_be_read() {
    let (dir, faulty) = (
        tempfile::tempdir_in(fast_disk()).unwrap(),
        Faulty::new(None),
    );
    let mut store = open(&faulty, dir.path());
    let stored: Vec<_> = (0..4)
        .map(|id| append(&mut store, id).unwrap().id)
        .collect();
    store.remove(&stored[..1], Durable::Yes).unwrap();
    let file = dir.path().join("waiting/removed");
    let break_it = || {
        drop(std::fs::remove_file(&file));
        std::os::unix::fs::symlink("nowhere", &file).unwrap();
    };
    break_it();
    // The file that is open is given up.
    faulty.fail_next(Call::Write, Errno::IO, 1);
    store.remove(&stored[1..2], Durable::Yes).unwrap();
    drop(store);
    let mut store = open(&faulty, dir.path());
    assert_eq!(ids(&mut store), [2, 3]);
    break_it();
    drop(store);
    let mut store = open(&faulty, dir.path());
    assert_eq!(ids(&mut store), [0, 1, 2, 3], "it is delivered again");
    store.remove(&stored[..3], Durable::Yes).unwrap();
    drop(store);
    assert_eq!(ids(&mut open(&faulty, dir.path())), [3]);
}
