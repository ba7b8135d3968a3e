//! A fault at every call the journal makes: what was acknowledged stands there once, whole, in
//! order and in the place the receipt names; and so does what was refused and sent again.

use std::path::Path;
use std::sync::OnceLock;

use events_core::{Place, WireEvent};
use events_disk::OsFs;
use events_disk::faults::{Fault, Faulty, Plan, Survives, fast_disk};
use rustix::io::Errno;

use super::{event, id_on};
use crate::Config;
use crate::log::Log;
use crate::read::{Records, segments};

/// One event in each is enough for some, others span segments.
const GROUPS: [usize; 6] = [1, 2, 7, 1, 3, 1];

#[derive(Debug, Default)]
struct Ledger {
    acknowledged: Vec<(usize, Place)>,
    sent: usize,
}

#[test]
fn a_fault_at_any_call_loses_nothing_and_doubles_nothing() {
    let calls = calls_of_a_clean_run();
    let errors = [Errno::IO, Errno::NOSPC, Errno::ROFS, Errno::INTR];
    let errors = errors.map(Fault::Error);
    let short = [Errno::IO, Errno::NOSPC].map(Fault::ShortThen);
    for fault in errors.into_iter().chain(short) {
        for width in [1, 2, 3, 6] {
            for first in 0..calls {
                let plan = Plan {
                    fault,
                    first,
                    width,
                    crash: None,
                };
                let dir = tempfile::tempdir_in(fast_disk()).unwrap();
                let ledger = run(&Faulty::new(Some(plan)), dir.path());
                assert_eq!(ledger.acknowledged.len(), events().len(), "{plan:?}");
                check(dir.path(), &ledger, &format!("{plan:?}"));
            }
        }
    }
}

#[test]
fn a_power_cut_at_any_call_loses_nothing_acknowledged() {
    let calls = calls_of_a_clean_run();
    for survives in Survives::EACH {
        for crash in 0..calls {
            crash_at(crash, crash, 0, survives);
        }
    }
}

/// FD2: what the disk did not confirm is gone, however often it says yes later.
#[test]
fn a_power_cut_soon_after_a_fault_loses_nothing_acknowledged() {
    let calls = calls_of_a_clean_run();
    for survives in Survives::EACH {
        for first in 0..calls {
            for later in [1, 2, 3, 5, 8, 13, 17, 21, 25, 40] {
                crash_at(first + later, first, 1, survives);
            }
        }
    }
}

/// A process that is killed leaves in the kernel's memory what a power cut then takes: the next
/// process must not build on it.
#[test]
fn a_power_cut_after_a_killed_process_was_replaced_loses_nothing_acknowledged() {
    for crash in 0..calls_of_a_clean_run() {
        let plan = Plan {
            fault: Fault::Error(Errno::IO),
            first: crash,
            width: 0,
            crash: Some(crash),
        };
        let dir = tempfile::tempdir_in(fast_disk()).unwrap();
        let faulty = Faulty::new(Some(plan));
        let mut ledger = run(&faulty, dir.path());
        faulty.start_again();
        let mut log = open(&faulty, dir.path()).unwrap();
        // Somebody who looks for what the killed process left goes on behind that.
        let found = Records::new(segments(&dir.path().join("journal")).unwrap()).count();
        for (id, event) in events().iter().enumerate().skip(found) {
            let place = log.append(&[event]).places.pop().unwrap();
            ledger.acknowledged.push((id, place));
        }
        drop(log);
        let journal = dir.path().join("journal");
        faulty.cut_power(&journal, Survives::Nothing).unwrap();
        let found = read_back(dir.path(), "replaced");
        let ids: Vec<usize> = found.iter().map(|(id, _)| *id).collect();
        let all: Vec<usize> = (0..events().len()).collect();
        assert_eq!(ids, all, "{plan:?}");
        for acknowledged in ledger.acknowledged {
            assert!(found.contains(&acknowledged), "{plan:?}: {acknowledged:?}");
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
    let journal = dir.path().join("journal");
    faulty.cut_power(&journal, survives).unwrap();
    check(dir.path(), &ledger, &format!("{plan:?} {survives:?}"));
}

fn calls_of_a_clean_run() -> usize {
    let dir = tempfile::tempdir_in(fast_disk()).unwrap();
    let faulty = Faulty::new(None);
    let ledger = run(&faulty, dir.path());
    assert_eq!(ledger.acknowledged.len(), events().len());
    check(dir.path(), &ledger, "clean");
    let files = segments(&dir.path().join("journal")).unwrap();
    assert!(files.len() > 3, "the run has to rotate");
    faulty.calls()
}

/// Writes the groups, sending again what is refused, until all is in or the machine is down.
fn run(faulty: &Faulty, dir: &Path) -> Ledger {
    let mut ledger = Ledger::default();
    let Some(mut log) = open(faulty, dir) else {
        return ledger;
    };
    let events = events();
    let mut rest = events;
    for (turn, size) in GROUPS.into_iter().enumerate() {
        let (group, behind) = rest.split_at(size);
        rest = behind;
        if turn == 3 {
            log.reopen();
        }
        if turn == 4 {
            drop(log);
            let Some(opened) = open(faulty, dir) else {
                return ledger;
            };
            log = opened;
        }
        ledger.sent += group.len();
        let mut waiting: Vec<&WireEvent> = group.iter().collect();
        while !waiting.is_empty() {
            let appended = log.append(&waiting);
            assert!(appended.fault.is_some() || appended.places.len() == waiting.len());
            for place in appended.places {
                let id = id_on(waiting.remove(0).bytes().clone());
                ledger.acknowledged.push((id, place));
            }
            if faulty.is_down() {
                return ledger;
            }
        }
    }
    log.close();
    ledger
}

fn open(faulty: &Faulty, dir: &Path) -> Option<Log> {
    let config = Config {
        segment_bytes: 600,
        reserve_bytes: 1,
        ..Config::default()
    };
    loop {
        match Log::open(
            Box::new(faulty.clone()),
            dir.join("journal"),
            config.clone(),
        ) {
            Ok((log, _)) => return Some(log),
            Err(_) if faulty.is_down() => return None,
            Err(_) => {}
        }
    }
}

/// Opens the journal once more, with nothing failing, and reads it.
fn read_back(dir: &Path, what: &str) -> Vec<(usize, Place)> {
    let dir = dir.join("journal");
    drop(Log::open(Box::new(OsFs), dir.clone(), Config::default()).unwrap());
    let found = Records::new(segments(&dir).unwrap()).map(|record| {
        let record = record.unwrap_or_else(|error| panic!("{what}: {error}"));
        let place = Place::Journal {
            segment: record.segment.to_string(),
            offset: record.offset,
        };
        (id_on(record.line), place)
    });
    found.collect()
}

/// Compares what is there to what was promised.
fn check(dir: &Path, ledger: &Ledger, what: &str) {
    let found = read_back(dir, what);
    // What was under way when the machine went down may stand behind the rest.
    let promised = ledger.acknowledged.len();
    assert!(found.len() >= promised, "{what}: {found:?} {ledger:?}");
    assert_eq!(found[..promised], ledger.acknowledged, "{what}");
    let ids: Vec<usize> = found.iter().map(|(id, _)| *id).collect();
    let expected: Vec<usize> = (0..found.len()).collect();
    assert_eq!(ids, expected, "{what}");
    assert!(found.len() <= ledger.sent, "{what}");
}

fn events() -> &'static [WireEvent] {
    static EVENTS: OnceLock<Vec<WireEvent>> = OnceLock::new();
    EVENTS.get_or_init(|| (0..GROUPS.iter().sum()).map(event).collect())
}
