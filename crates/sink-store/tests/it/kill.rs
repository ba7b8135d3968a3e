//! A process killed under load. This test binary runs itself as the process.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::{file, numbered, open, row, wires};

const EVENTS: usize = 10_000;
const SENDERS: usize = 16;
const KILLS: u64 = 5;
const DIR: &str = "SINK_STORE_TEST_KILL_DIR";

#[test]
fn a_process_killed_under_load_leaves_every_row_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = HashMap::new();
    for kill in 0..KILLS {
        // Odd steps, so that the moments fall anywhere between opening and full speed.
        let after = Duration::from_micros(900 + kill * 27_130);
        acknowledged.extend(run(dir.path(), Some(after)));
    }
    assert!(
        acknowledged.len() < EVENTS,
        "nothing was left to do when it was killed"
    );
    // Handed over again from the first to the last, as a caller does who heard no answer.
    acknowledged.extend(run(dir.path(), None));
    assert_eq!(acknowledged.len(), EVENTS);

    let stored = wires(&dir.path().join("store.sqlite"));
    assert_eq!(stored.len(), EVENTS);
    let distinct: HashSet<String> = stored.into_iter().collect();
    assert_eq!(distinct.len(), EVENTS);
    let connection = rusqlite::Connection::open(dir.path().join("store.sqlite")).unwrap();
    for (id, row) in acknowledged {
        let sql = "SELECT id FROM agent_events WHERE seq = ?1";
        let found: String = connection
            .query_row(sql, [i64::try_from(row).unwrap()], |row| row.get(0))
            .unwrap();
        assert_eq!(found, id.to_string(), "row {row}");
    }
}

/// Starts a process that stores all events and tells what was acknowledged, and kills it `after`
/// its first acknowledgement, if at all. Returns the rows it told.
fn run(dir: &Path, after: Option<Duration>) -> Vec<(usize, u64)> {
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
    let mut rows: Vec<(usize, u64)> = told.next().into_iter().collect();
    let first = Instant::now();
    for row in told.by_ref() {
        rows.push(row);
        if after.is_some_and(|after| first.elapsed() >= after) {
            child.kill().unwrap();
            break;
        }
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

const BATCH: usize = 25;
