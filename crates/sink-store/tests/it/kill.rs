//! A process killed under load. This test binary runs itself as the process.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use tokio::task::JoinSet;

use crate::{file, numbered, open, row, wires};

const EVENTS: usize = 100_000;
const SENDERS: usize = 16;
/// How many acknowledgements a run lives to see.
const LIVES: [usize; 3] = [1, 15_000, 50_000];
const DIR: &str = "SINK_STORE_TEST_KILL_DIR";

#[test]
fn a_process_killed_under_load_leaves_every_row_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = HashMap::new();
    for life in LIVES {
        let told = run(dir.path(), Some(life));
        check(dir.path(), &mut acknowledged, told);
    }
    assert!(
        acknowledged.len() < EVENTS,
        "nothing was left to do when it was killed"
    );
    // Handed over again from the first to the last, as a caller does who heard no answer.
    let told = run(dir.path(), None);
    check(dir.path(), &mut acknowledged, told);
    assert_eq!(acknowledged.len(), EVENTS);

    let stored = wires(&dir.path().join("store.sqlite"));
    assert_eq!(stored.len(), EVENTS);
    let distinct: HashSet<String> = stored.into_iter().collect();
    assert_eq!(distinct.len(), EVENTS);
}

/// Whatever was acknowledged, in this run or before, is in the row that it was told, before anybody
/// could store it anew; and what was acknowledged again was told the same row.
fn check(dir: &Path, acknowledged: &mut HashMap<usize, u64>, told: Vec<(usize, u64)>) {
    for (id, row) in told {
        assert_eq!(*acknowledged.entry(id).or_insert(row), row, "event {id}");
    }
    let connection = rusqlite::Connection::open(dir.join("store.sqlite")).unwrap();
    let mut rows = connection
        .prepare("SELECT id, seq FROM agent_events")
        .unwrap();
    let rows = rows.query_map([], |row| {
        let (id, seq): (String, i64) = (row.get(0)?, row.get(1)?);
        Ok((id.parse().unwrap(), u64::try_from(seq).unwrap()))
    });
    let stored: HashMap<usize, u64> = rows.unwrap().map(Result::unwrap).collect();
    for (id, row) in acknowledged {
        assert_eq!(stored.get(id), Some(&*row), "event {id}");
    }
}

/// Starts a process that stores all events and tells what was acknowledged, and kills it at its
/// acknowledgement of number `after`, if at all. Returns the rows it told.
fn run(dir: &Path, after: Option<usize>) -> Vec<(usize, u64)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::stores_until_it_is_killed", "--nocapture"])
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let lines = stdout.lines().map_while(Result::ok);
    // A line that the kill cut short parses as nothing.
    let mut told = lines.filter_map(|line| parse(&line));
    let mut rows: Vec<(usize, u64)> = told.by_ref().take(after.unwrap_or(EVENTS)).collect();
    if after.is_some() {
        child.kill().unwrap();
    }
    rows.extend(told);
    let ended = child.wait().unwrap();
    assert!(after.is_some() || ended.success());
    rows
}

fn parse(line: &str) -> Option<(usize, u64)> {
    let (id, row) = line
        .strip_prefix("ack ")?
        .strip_suffix(" end")?
        .split_once(' ')?;
    Some((id.parse().ok()?, row.parse().ok()?))
}

/// Not a test of its own: what the process above does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(
    clippy::disallowed_methods,
    reason = "tells the child from the test run"
)]
async fn stores_until_it_is_killed() {
    let Ok(dir) = std::env::var(DIR) else {
        return;
    };
    let store = open(&file(Path::new(&dir)));
    let mut senders = JoinSet::new();
    for sender in 0..SENDERS {
        let store = store.clone();
        senders.spawn(async move {
            for first in (sender * BATCH..EVENTS).step_by(SENDERS * BATCH) {
                let ids = first..EVENTS.min(first + BATCH);
                let events: Vec<_> = ids.clone().map(numbered).collect();
                let results = store.append(&events).await;
                let lines = ids.zip(&results);
                let lines = lines.map(|(id, result)| format!("ack {id} {} end\n", row(result)));
                let lines: String = lines.collect();
                std::io::stdout()
                    .lock()
                    .write_all(lines.as_bytes())
                    .unwrap();
            }
        });
    }
    senders.join_all().await;
}

const BATCH: usize = 100;
