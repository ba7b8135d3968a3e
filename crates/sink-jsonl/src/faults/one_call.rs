//! What one failing call leads to, where it is more than that nothing is lost.

use std::path::Path;

use events_core::Place;
use events_disk::faults::{Call, Fault, Faulty, Plan};
use rustix::io::Errno;

use super::{event, id_on};
use crate::log::Log;
use crate::read::{Records, segments};
use crate::segment::file_name;
use crate::{AppendError, Config};

fn log(faulty: &Faulty, dir: &Path) -> Log {
    let config = Config {
        reserve_bytes: 0,
        ..Config::default()
    };
    let (log, _) = Log::open(Box::new(faulty.clone()), dir.to_owned(), config).unwrap();
    log
}

fn append(log: &mut Log, id: usize) -> Result<Place, AppendError> {
    let appended = log.append(&[&event(id)]);
    match appended.fault {
        Some(fault) => Err(fault),
        None => Ok(appended.places.into_iter().next().unwrap()),
    }
}

fn is_in(place: &Place, number: u64) -> bool {
    matches!(place, Place::Journal { segment, .. } if *segment == file_name(number))
}

fn ids(dir: &Path) -> Vec<usize> {
    let records = Records::new(segments(dir).unwrap());
    records.map(|record| id_on(record.unwrap().line)).collect()
}

#[test]
fn an_interrupted_write_is_no_fault() {
    let (dir, faulty) = (tempfile::tempdir().unwrap(), Faulty::new(None));
    let mut log = log(&faulty, dir.path());
    faulty.fail_next(Call::Write, Errno::INTR, 3);
    append(&mut log, 0).unwrap();
    assert_eq!(ids(dir.path()), [0]);
}

/// FD2
#[test]
fn a_segment_the_disk_did_not_confirm_takes_nothing_more() {
    let (dir, faulty) = (tempfile::tempdir().unwrap(), Faulty::new(None));
    let mut log = log(&faulty, dir.path());
    assert!(is_in(&append(&mut log, 0).unwrap(), 1));
    faulty.fail_next(Call::SyncData, Errno::IO, 1);
    let place = append(&mut log, 1).unwrap();
    assert!(is_in(&place, 2), "{place:?}");
    assert!(is_in(&append(&mut log, 2).unwrap(), 2));
    assert_eq!(ids(dir.path()), [0, 1, 2]);
}

/// FD2
#[test]
fn a_disk_that_confirms_nothing_is_given_up_on_for_now() {
    let (dir, faulty) = (tempfile::tempdir().unwrap(), Faulty::new(None));
    let mut log = log(&faulty, dir.path());
    append(&mut log, 0).unwrap();
    for _ in 0..10 {
        faulty.fail_next(Call::SyncData, Errno::IO, 2);
        append(&mut log, 1).unwrap_err();
    }
    append(&mut log, 1).unwrap();
    assert_eq!(ids(dir.path()), [0, 1]);
    assert!(
        segments(dir.path()).unwrap().len() < 5,
        "attempts leave files behind"
    );
}

#[test]
fn nothing_is_written_behind_a_tail_that_cannot_be_cut() {
    let (dir, faulty) = (tempfile::tempdir().unwrap(), Faulty::new(None));
    let mut log = log(&faulty, dir.path());
    append(&mut log, 0).unwrap();
    faulty.fail_next(Call::SetLen, Errno::IO, 4);
    let first = faulty.calls() + 1;
    faulty.plan(Plan {
        // After the look at the segment, its one write is cut short.
        fault: Fault::ShortThen(Errno::NOSPC),
        first,
        width: 2,
        crash: None,
    });
    let error = append(&mut log, 1).unwrap_err();
    assert!(matches!(error, AppendError::Full { .. }), "{error}");
    for _ in 0..3 {
        let error = append(&mut log, 1).unwrap_err();
        assert!(error.to_string().starts_with("cut back "), "{error}");
    }
    assert!(is_in(&append(&mut log, 1).unwrap(), 1));
    assert_eq!(ids(dir.path()), [0, 1]);
}
