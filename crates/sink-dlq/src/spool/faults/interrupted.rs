//! A power cut in the middle of a move leaves the record in two places.

use std::path::Path;

use events_disk::faults::{Fault, Faulty, Plan, Survives, fast_disk};
use events_disk::{Fs, OsFs};
use rustix::io::Errno;

use super::{cause, entry, event_id};
use crate::spool::log::Durable;
use crate::spool::store::{Store, Write};
use crate::spool::{Area, Config, Limit, RecordId};

fn open(fs: impl Fs + 'static, dir: &Path, kept_bytes: u64) -> Store {
    let config = Config {
        reserve_bytes: 0,
        kept_bytes,
        ..Config::default()
    };
    Store::open(Box::new(fs), dir, config).unwrap().0
}

/// The events in each area.
fn events(store: &mut Store) -> [Vec<usize>; 3] {
    let all = Limit {
        records: usize::MAX,
        bytes: usize::MAX,
    };
    Area::EACH.map(|area| {
        let loaded = store.read(area, None, all).unwrap();
        loaded.iter().map(event_id).collect()
    })
}

/// Leaves event 0 in the waiting and in the dead area, and event 1 in the waiting area. Returns
/// the record of event 0.
fn interrupt_a_move(dir: &Path) -> RecordId {
    // The move's own calls, up to the one that notes the removal.
    for later in 0.. {
        drop(std::fs::remove_dir_all(dir));
        let faulty = Faulty::new(None);
        let mut store = open(faulty.clone(), dir, QUOTA);
        let stored = store.write(vec![
            Write::New(Area::Waiting, entry(0)),
            Write::New(Area::Waiting, entry(1)),
        ]);
        let id = stored[0].as_ref().unwrap().id;
        let crash = faulty.calls() + later;
        faulty.plan(Plan {
            fault: Fault::Error(Errno::IO),
            first: crash,
            width: 0,
            crash: Some(crash),
        });
        let moved = store.write(vec![Write::Move(id, Area::Dead, cause())]);
        if moved[0].is_ok() {
            drop(store);
            faulty.cut_power(dir, Survives::Nothing).unwrap();
            return id;
        }
    }
    unreachable!("the move never comes to an end")
}

#[test]
fn a_record_removed_after_an_interrupted_move_stays_away() {
    for durable in [Durable::Yes, Durable::No] {
        let dir = tempfile::tempdir_in(fast_disk()).unwrap();
        let dir = dir.path().join("spool");
        let id = interrupt_a_move(&dir);
        let mut store = open(OsFs, &dir, QUOTA);
        assert_eq!(events(&mut store), [vec![1], vec![], vec![0]]);
        store.remove(&[id], durable).unwrap();
        drop(store);
        let mut store = open(OsFs, &dir, QUOTA);
        assert_eq!(events(&mut store), [vec![1], vec![], vec![]], "{durable:?}");
    }
}

#[test]
fn the_same_where_the_move_cannot_be_finished_for_want_of_room() {
    let dir = tempfile::tempdir_in(fast_disk()).unwrap();
    let dir = dir.path().join("spool");
    let id = interrupt_a_move(&dir);
    for _ in 0..2 {
        let mut store = open(OsFs, &dir, 100);
        assert_eq!(events(&mut store), [vec![1], vec![], vec![0]]);
        store.close();
    }
    let mut store = open(OsFs, &dir, 100);
    store.remove(&[id], Durable::Yes).unwrap();
    drop(store);
    let mut store = open(OsFs, &dir, 100);
    assert_eq!(events(&mut store), [vec![1], vec![], vec![]]);
}

const QUOTA: u64 = 1 << 20;
