//! A fault at every call the spool makes, and a power cut at every one: what was acknowledged is
//! there, and what was discarded is not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use events_disk::OsFs;
use events_disk::faults::{Fault, Faulty, Plan, Survives, fast_disk};
use rustix::io::Errno;

use super::{cause, entry, event_id, small};
use crate::spool::log::Durable;
use crate::spool::store::{Store, Write};
use crate::spool::{Area, Limit, RecordId, SpoolError};

/// One step of a run, on events by their number.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// So many new events, in one group.
    Append(usize),
    Move(usize, Area),
    Settle(usize),
    Discard(usize),
    Restart,
}

const STEPS: [Step; 16] = [
    Step::Append(3),
    Step::Append(1),
    Step::Settle(0),
    Step::Move(1, Area::Dead),
    Step::Move(2, Area::SetAside),
    Step::Restart,
    Step::Append(4),
    Step::Move(1, Area::Waiting),
    Step::Discard(3),
    Step::Move(2, Area::Dead),
    Step::Discard(2),
    Step::Restart,
    Step::Append(2),
    Step::Move(5, Area::Waiting),
    Step::Settle(1),
    Step::Append(1),
];

#[derive(Debug, Default)]
struct Ledger {
    /// Acknowledged, and where each may stand.
    kept: BTreeMap<usize, BTreeSet<Area>>,
    /// Asked to be gone; nothing is promised of them.
    released: BTreeSet<usize>,
    /// Acknowledged to be gone.
    discarded: BTreeSet<usize>,
    sent: usize,
}

#[test]
fn a_fault_at_any_call_loses_nothing() {
    let calls = calls_of_a_clean_run();
    let faults = [
        (Fault::Error(Errno::IO), 1),
        (Fault::Error(Errno::IO), 4),
        (Fault::Error(Errno::NOSPC), 1),
        (Fault::Error(Errno::INTR), 1),
        (Fault::ShortThen(Errno::IO), 2),
        (Fault::ShortThen(Errno::NOSPC), 2),
    ];
    for (fault, width) in faults {
        for first in 0..calls {
            let plan = Plan {
                fault,
                first,
                width,
                crash: None,
            };
            let dir = tempfile::tempdir_in(fast_disk()).unwrap();
            let ledger = run(&Faulty::new(Some(plan)), dir.path());
            check(dir.path(), &ledger, &format!("{plan:?}"));
        }
    }
}

#[test]
fn a_power_cut_at_any_call_loses_nothing_acknowledged() {
    for crash in 0..calls_of_a_clean_run() {
        for survives in Survives::EACH {
            crash_at(crash, crash, 0, survives);
        }
    }
}

/// FD2: what the disk did not confirm is gone, however often it says yes later.
#[test]
fn a_power_cut_soon_after_a_fault_loses_nothing_acknowledged() {
    for first in 0..calls_of_a_clean_run() {
        for later in [1, 2, 3, 5, 8, 13, 21, 40] {
            for survives in [Survives::Nothing, Survives::All] {
                crash_at(first + later, first, 1, survives);
            }
        }
    }
}

fn crash_at(crash: usize, first: usize, width: usize, survives: Survives) {
    let plan = Plan {
        fault: Fault::Error(Errno::IO),
        first,
        width,
        crash: Some(crash),
    };
    let dir = tempfile::tempdir_in(fast_disk()).unwrap();
    let faulty = Faulty::new(Some(plan));
    let ledger = run(&faulty, dir.path());
    let spool = dir.path().join("spool");
    faulty.cut_power(&spool, survives).unwrap();
    check(dir.path(), &ledger, &format!("{plan:?} {survives:?}"));
}

fn calls_of_a_clean_run() -> usize {
    let dir = tempfile::tempdir_in(fast_disk()).unwrap();
    let faulty = Faulty::new(None);
    let ledger = run(&faulty, dir.path());
    assert_eq!((ledger.kept.len(), ledger.sent), (7, 11));
    check(dir.path(), &ledger, "clean");
    faulty.calls()
}

/// Does the steps, each again while it fails, until all are done or the machine is down.
fn run(faulty: &Faulty, dir: &Path) -> Ledger {
    let mut ledger = Ledger::default();
    let mut names: BTreeMap<usize, RecordId> = BTreeMap::new();
    let Some(mut store) = open(faulty, dir) else {
        return ledger;
    };
    for step in STEPS {
        if let Step::Restart = step {
            drop(store);
            let Some(opened) = open(faulty, dir) else {
                return ledger;
            };
            store = opened;
            continue;
        }
        let mut is_done = false;
        while !is_done {
            is_done = take(step, &mut store, &mut ledger, &mut names);
            if faulty.is_down() {
                return ledger;
            }
        }
    }
    store.close();
    ledger
}

fn take(
    step: Step,
    store: &mut Store,
    ledger: &mut Ledger,
    names: &mut BTreeMap<usize, RecordId>,
) -> bool {
    match step {
        Step::Append(count) => {
            // Those of the group that are not in yet.
            let first = ledger.kept.len() + ledger.released.len();
            let last = match ledger.sent {
                sent if sent > first => sent,
                _ => first + count,
            };
            ledger.sent = last;
            let writes = (first..last).map(|id| Write::New(Area::Waiting, entry(id)));
            let results = store.write(writes.collect());
            assert_eq!(results.len(), last - first);
            for (id, stored) in (first..last).zip(results) {
                let Ok(stored) = stored else { return false };
                names.insert(id, stored.id);
                ledger.kept.insert(id, BTreeSet::from([Area::Waiting]));
            }
            true
        }
        Step::Move(id, area) => {
            let areas = ledger.kept.get_mut(&id).unwrap();
            areas.insert(area);
            let moved = store.write(vec![Write::Move(names[&id], area, cause())]);
            // A segment that could not be read when the spool was opened is not known of.
            if let Err(SpoolError::Unknown { .. }) = moved[0] {
                return true;
            }
            let is_moved = moved[0].is_ok();
            if is_moved && area > Area::Waiting {
                // From here on no earlier area will do.
                areas.retain(|other| *other >= area);
            }
            is_moved
        }
        Step::Settle(id) => {
            ledger.kept.remove(&id);
            ledger.released.insert(id);
            store.remove(&[names[&id]], Durable::No).is_ok()
        }
        Step::Discard(id) => {
            ledger.kept.remove(&id);
            ledger.released.insert(id);
            let is_known = matches!(store.get(names[&id]), Ok(Some(_)));
            let discarded = store.remove(&[names[&id]], Durable::Yes).is_ok();
            if discarded && is_known {
                ledger.discarded.insert(id);
            }
            discarded
        }
        Step::Restart => true,
    }
}

fn open(faulty: &Faulty, dir: &Path) -> Option<Store> {
    for _ in 0..50 {
        match Store::open(Box::new(faulty.clone()), &dir.join("spool"), small()) {
            Ok((store, _)) => return Some(store),
            Err(_) if faulty.is_down() => return None,
            Err(_) => {}
        }
    }
    panic!("the spool does not open");
}

/// Opens the spool once more, with nothing failing, and compares what is there to the promises;
/// then again, which finds the same; and what is discarded then stays away.
fn check(dir: &Path, ledger: &Ledger, what: &str) {
    let (store, found) = look(dir, what);
    for (id, areas) in &ledger.kept {
        let area = found.get(id).map(|(_, area)| area);
        assert!(
            area.is_some_and(|area| areas.contains(area)),
            "{what}: event {id} in {area:?}, not {areas:?}"
        );
    }
    for id in &ledger.discarded {
        assert!(!found.contains_key(id), "{what}: event {id} came back");
    }
    assert!(
        found.keys().all(|id| *id < ledger.sent),
        "{what}: {found:?}"
    );
    drop(store);
    let (mut store, again) = look(dir, what);
    assert_eq!(found, again, "{what}: opened twice");
    let (gone, left): (Found, Found) = found.into_iter().partition(|(id, _)| id % 2 == 0);
    let gone: Vec<RecordId> = gone.values().map(|(record, _)| *record).collect();
    store.remove(&gone, Durable::Yes).unwrap();
    drop(store);
    assert_eq!(look(dir, what).1, left, "{what}: some were discarded");
}

/// The events in a spool that nothing fails of.
fn look(dir: &Path, what: &str) -> (Store, Found) {
    let (mut store, _) = Store::open(Box::new(OsFs), &dir.join("spool"), small())
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    let mut found = Found::new();
    let all = Limit {
        records: usize::MAX,
        bytes: usize::MAX,
    };
    for area in Area::EACH {
        for loaded in store.read(area, None, all).unwrap() {
            found.insert(event_id(&loaded), (loaded.id, area));
        }
    }
    (store, found)
}

/// Events, with their records and where they stand.
type Found = BTreeMap<usize, (RecordId, Area)>;
