use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, UNIX_EPOCH};

use events_core::{ErrorKind, Event, EventSinkExt as _, MemorySink, WireEvent};
use sink_dlq::{Area, Cause, Entry, Spool, SpoolConfig};

use crate::host::{bare, err, ok};

#[test]
fn a_directory_is_read_without_a_supervisor() {
    let dir = tempfile::tempdir().unwrap();
    let (events, ids) = fill(dir.path());
    let names = ok(&consign(dir.path(), &["ls", "-o", "name"]));
    assert_eq!(names.lines().collect::<Vec<_>>(), ids);
    let table = ok(&consign(dir.path(), &["ls", "--area", "dead"]));
    assert!(
        table.contains("dead") && table.contains("2026-11-20 11:58:03"),
        "{table}"
    );
    let exported = ok(&consign(dir.path(), &["export"]));
    let lines: Vec<&[u8]> = exported.lines().map(str::as_bytes).collect();
    let wanted: Vec<&[u8]> = events.iter().map(|event| event.bytes().as_ref()).collect();
    assert_eq!(lines, wanted);
    let shown = ok(&consign(dir.path(), &["show", &ids[1]]));
    assert!(shown.contains("REASON        store it"), "{shown}");
}

#[test]
fn a_spool_judged_alone_says_that_streams_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let spool = dir.path().join("spool");
    let (events, _) = fill(&spool);
    let keys = dir.path().join("keys.json");
    fs::write(&keys, r#"{"keys":[]}"#).unwrap();
    let verify = |paths: &[&Path]| {
        let paths = paths.iter().map(|path| path.to_str().unwrap());
        let mut arguments: Vec<&str> = ["verify"].into_iter().chain(paths).collect();
        arguments.extend(["--keys", keys.to_str().unwrap()]);
        bare(&arguments).output().unwrap()
    };
    let alone = verify(&[&spool]);
    assert_eq!(alone.status.code(), Some(3), "{alone:?}");
    let said = err(&alone);
    let next = format!(
        "consign replay --all -o json | consign verify - {}\n",
        spool.display()
    );
    assert!(
        said.contains("only what waits in the spool was judged") && said.ends_with(&next),
        "{said}"
    );
    let file = dir.path().join("stored");
    fs::write(&file, events[0].bytes()).unwrap();
    let both = verify(&[&file, &spool]);
    assert!(!err(&both).contains("only what waits"), "{both:?}");
}

#[test]
fn a_dropped_record_stays_away() {
    let dir = tempfile::tempdir().unwrap();
    let (_, ids) = fill(dir.path());
    let rehearsed = consign(dir.path(), &["drop", "--all", "--dry-run"]);
    assert!(err(&rehearsed).contains("numbers missing"), "{rehearsed:?}");
    assert_eq!(
        ok(&consign(dir.path(), &["drop", &ids[0], "--yes"])),
        "dropped 1 record\n"
    );
    let names = ok(&consign(dir.path(), &["ls", "-o", "name"]));
    assert_eq!(names.lines().collect::<Vec<_>>(), ids[1..]);
}

#[test]
fn a_spool_that_is_held_can_be_read_and_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let (events, ids) = fill(dir.path());
    let spool = Spool::open(dir.path(), SpoolConfig::default()).unwrap();
    let before = files(dir.path());
    let names = ok(&consign(dir.path(), &["ls", "-o", "name"]));
    assert_eq!(names.lines().collect::<Vec<_>>(), ids);
    ok(&consign(dir.path(), &["show", &ids[1]]));
    ok(&consign(dir.path(), &["drop", "--all", "--dry-run"]));
    let exported = ok(&consign(dir.path(), &["export"]));
    assert_eq!(exported.lines().count(), events.len());
    assert_eq!(files(dir.path()), before);
    drop(spool);
}

#[test]
fn pages_of_a_directory_follow_one_another() {
    let dir = tempfile::tempdir().unwrap();
    let (_, ids) = fill(dir.path());
    let json = ok(&consign(dir.path(), &["ls", "--limit", "2", "-o", "json"]));
    let page: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(page["kind"], "DlqList");
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    let totals = &page["totals"];
    assert_eq!(
        (&totals["waiting"], &totals["dead"]),
        (&2.into(), &1.into())
    );
    let next = page["next"].as_str().unwrap();
    let rest = consign(dir.path(), &["ls", "--after", next, "-o", "name"]);
    assert_eq!(ok(&rest).lines().collect::<Vec<_>>(), ids[2..]);
}

#[test]
fn a_spool_that_is_held_is_not_changed_and_none_is_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(dir.path(), SpoolConfig::default()).unwrap();
    let output = consign(dir.path(), &["drop", "--all", "--yes"]);
    assert_eq!(output.status.code(), Some(75), "{output:?}");
    assert!(err(&output).contains("without --dir"), "{output:?}");
    drop(spool);
    let missing = dir.path().join("none");
    let output = consign(&missing, &["ls"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(!missing.exists());
}

#[test]
fn damage_is_said_and_what_is_whole_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    let (_, ids) = fill(dir.path());
    let waiting = dir.path().join("waiting");
    let segment = fs::read_dir(&waiting).unwrap().next().unwrap().unwrap();
    let mut bytes = fs::read(segment.path()).unwrap();
    let at = bytes
        .windows(8)
        .position(|bytes| bytes == b"/test\",\"")
        .unwrap();
    bytes[at] ^= 1;
    fs::write(segment.path(), bytes).unwrap();
    let output = consign(dir.path(), &["ls", "-o", "name"]);
    assert_eq!(ok(&output).lines().collect::<Vec<_>>(), ids[1..]);
    assert!(err(&output).contains("damaged: "), "{output:?}");
}

#[test]
fn a_directory_is_redriven_through_the_chain_of_the_settings() {
    let data = tempfile::tempdir().unwrap();
    let spool = data.path().join("spool");
    let (events, _) = fill(&spool);
    // Nobody signed these records, so nobody is to ask for signatures.
    let all = ["dlq", "redrive", "--all", "--dir", spool.to_str().unwrap()];
    let mut command = bare(&all);
    command
        .env("CONSIGN_DATA_DIR", data.path())
        .env("CONSIGN_SIGN", "off");
    let output = command.output().unwrap();
    assert!(ok(&output).contains("3 stored"), "{output:?}");
    let journal = fs::read_dir(data.path().join("journal")).unwrap();
    let stored: String = journal
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let mut lines: Vec<&[u8]> = stored.lines().map(str::as_bytes).collect();
    lines.sort_unstable();
    let wanted: Vec<&[u8]> = events.iter().map(|event| event.bytes().as_ref()).collect();
    assert_eq!(lines, wanted);
    assert_eq!(ok(&consign(&spool, &["ls", "-o", "name"])), "");
}

fn consign(dir: &Path, arguments: &[&str]) -> Output {
    let dir = ["--dir", dir.to_str().unwrap()];
    let all = [&["dlq"], arguments, &dir].concat();
    bare(&all).output().unwrap()
}

/// Every file with its bytes.
fn files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let bytes = fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
    found.sort();
    found
}

/// Fills a spool with three records and returns their events and ids, oldest first.
fn fill(dir: &Path) -> (Vec<WireEvent>, Vec<String>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let spool = Spool::open(dir, SpoolConfig::default()).unwrap();
    let (mut events, mut ids) = (Vec::new(), Vec::new());
    for (number, area) in [Area::Waiting, Area::Dead, Area::Waiting]
        .into_iter()
        .enumerate()
    {
        let event = Event::builder(&number.to_string(), "/test", "test.made")
            .json(r#"{"n": 1.10}"#)
            .build()
            .unwrap();
        let event = MemorySink::default().seal(vec![event]).remove(0).unwrap();
        let at = UNIX_EPOCH + Duration::from_secs(1_795_175_883);
        let entry = Entry {
            event: event.clone(),
            subject: "consign.events.single.test.made".into(),
            cause: Cause::new(ErrorKind::Rejected, "store it", at),
        };
        let stored = runtime.block_on(spool.append(area, vec![entry])).remove(0);
        ids.push(stored.unwrap().id.to_string());
        events.push(event);
    }
    runtime.block_on(spool.close()).unwrap();
    (events, ids)
}
