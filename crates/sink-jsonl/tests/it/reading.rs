use std::fs;

use sink_jsonl::read::{ReadError, Records, segments};

fn name(number: u64) -> String {
    format!("{number:020}.jsonl")
}

#[test]
fn a_torn_tail_is_reported_and_reading_goes_on_behind_it() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(name(2)), "three\n").unwrap();
    fs::write(dir.path().join(name(1)), "one\ntwo\nto").unwrap();
    fs::write(dir.path().join("LOCK"), "1\n").unwrap();
    fs::write(dir.path().join("notes.jsonl"), "no\n").unwrap();
    fs::create_dir(dir.path().join(name(3))).unwrap();
    let mut records = Records::new(segments(dir.path()).unwrap());
    for (segment, offset, line) in [(1, 0, "one"), (1, 4, "two")] {
        let record = records.next().unwrap().unwrap();
        assert_eq!(*record.segment, name(segment));
        assert_eq!((record.offset, &record.line[..]), (offset, line.as_bytes()));
    }
    let torn = records.next().unwrap().unwrap_err();
    assert!(
        matches!(
            &torn,
            ReadError::TornTail {
                offset: 8,
                bytes: 2,
                ..
            }
        ),
        "{torn}"
    );
    let record = records.next().unwrap().unwrap();
    assert_eq!((record.offset, &record.line[..]), (0, &b"three"[..]));
    assert!(records.next().is_none());
}

#[test]
fn a_line_longer_than_any_event_is_passed_over_in_bounded_memory() {
    let dir = tempfile::tempdir().unwrap();
    let long = "x".repeat((16 << 20) + 1);
    fs::write(dir.path().join(name(1)), format!("{long}\nnext\n")).unwrap();
    let mut records = Records::new(segments(dir.path()).unwrap());
    let error = records.next().unwrap().unwrap_err();
    assert!(
        matches!(&error, ReadError::TooLong { offset: 0, .. }),
        "{error}"
    );
    let record = records.next().unwrap().unwrap();
    assert_eq!(record.offset, long.len() as u64 + 1);
    assert_eq!(&record.line[..], b"next");
    assert!(records.next().is_none());
    // The longest line that is read.
    fs::write(dir.path().join(name(1)), format!("{}\n", &long[1..])).unwrap();
    let mut records = Records::new(segments(dir.path()).unwrap());
    assert_eq!(records.next().unwrap().unwrap().line.len(), long.len() - 1);
}

#[test]
fn a_segment_that_retention_took_meanwhile_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    for number in 1..=3 {
        fs::write(dir.path().join(name(number)), format!("{number}\n")).unwrap();
    }
    let records = Records::new(segments(dir.path()).unwrap());
    fs::remove_file(dir.path().join(name(1))).unwrap();
    let lines: Vec<_> = records.map(|record| record.unwrap().line).collect();
    assert_eq!(lines, ["2", "3"]);
    assert!(segments(&dir.path().join("nowhere")).is_err());
}
