//! FD9: a process killed under load. This test binary runs itself as the process.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use sink_dlq::{Area, Limit, RecordId, Spool, SpoolConfig};
use tokio::task::JoinSet;

use crate::{cause, config, entry_of, event_id, open, records};

const ROUNDS: usize = 20;
const SENDERS: usize = 16;
pub(crate) const DIR: &str = "SINK_DLQ_TEST_KILL_DIR";
pub(crate) const ROUND: &str = "SINK_DLQ_TEST_KILL_ROUND";

#[tokio::test]
async fn a_process_killed_at_any_moment_loses_nothing_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged: BTreeMap<usize, RecordId> = BTreeMap::new();
    let mut settled = BTreeSet::new();
    for round in 0..ROUNDS {
        // Odd steps, so that the moments fall anywhere between opening and full speed.
        let after = Duration::from_micros(300 + round as u64 * 1_713);
        for told in run_and_kill(dir.path(), round, after) {
            match told {
                Told::Stored(id, record) => {
                    assert!(acknowledged.insert(id, record).is_none());
                }
                Told::Settling(id) => {
                    settled.insert(id);
                }
            }
        }
    }
    let spool = open(dir.path());
    let mut found = BTreeMap::new();
    for area in Area::EACH {
        for record in records(&spool, area).await {
            assert!(
                found.insert(event_id(&record), record.id).is_none(),
                "stands there twice"
            );
        }
    }
    for (id, record) in &acknowledged {
        if !settled.contains(id) {
            assert_eq!(found.get(id), Some(record), "event {id}");
        }
    }
    let names: BTreeSet<_> = acknowledged.values().collect();
    assert_eq!(names.len(), acknowledged.len(), "an id was given twice");
    assert!(
        acknowledged.len() > ROUNDS,
        "only {} were stored",
        acknowledged.len()
    );
}

enum Told {
    Stored(usize, RecordId),
    Settling(usize),
}

/// Starts a process that writes and tells what was acknowledged, and kills it `after` its first
/// acknowledgement. Returns all it told.
fn run_and_kill(dir: &Path, round: usize, after: Duration) -> Vec<Told> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::writes_until_it_is_killed", "--nocapture"])
        .env(DIR, dir)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    // A line that the kill cut short parses as nothing.
    let mut told = stdout
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| parse(&line));
    let first = told.next();
    let killer = std::thread::spawn(move || {
        wait(after);
        child.kill().unwrap();
        child.wait().unwrap();
    });
    let told = first.into_iter().chain(told).collect();
    killer.join().unwrap();
    told
}

fn parse(line: &str) -> Option<Told> {
    let mut words = line.strip_suffix(" end")?.split(' ');
    match (words.next()?, words.next()?, words.next()) {
        ("stored", id, Some(record)) => Some(Told::Stored(id.parse().ok()?, record.parse().ok()?)),
        ("settling", id, None) => Some(Told::Settling(id.parse().ok()?)),
        _ => None,
    }
}

/// Not a test of its own: what the process above does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(
    clippy::disallowed_methods,
    reason = "tells the child from the test run"
)]
async fn writes_until_it_is_killed() {
    let (Ok(dir), Ok(round)) = (std::env::var(DIR), std::env::var(ROUND)) else {
        return;
    };
    let round: usize = round.parse().unwrap();
    let spool = Spool::open(&dir, small()).unwrap();
    let mut senders = JoinSet::new();
    for sender in 0..SENDERS {
        let spool = spool.clone();
        senders.spawn(async move {
            for turn in 0..10_000 {
                let id = (round * 10_000 + turn) * SENDERS + sender;
                let entries = vec![entry_of(id, id % 3000)];
                let stored = spool
                    .append(Area::Waiting, entries)
                    .await
                    .remove(0)
                    .unwrap();
                tell(&format!("stored {id} {} end\n", stored.id));
                match id % 5 {
                    0 => {
                        tell(&format!("settling {id} end\n"));
                        spool.settle(vec![stored.id]).await.unwrap();
                    }
                    1 => {
                        let moves = vec![(stored.id, Area::Dead, cause("refused"))];
                        spool.relocate(moves).await.remove(0).unwrap();
                    }
                    2 => {
                        let limit = Limit {
                            records: 2,
                            bytes: 5000,
                        };
                        spool.next(Area::Waiting, None, limit).await.unwrap();
                    }
                    _ => {}
                }
            }
        });
    }
    senders.join_all().await;
}

fn tell(line: &str) {
    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
}

fn small() -> SpoolConfig {
    SpoolConfig {
        segment_bytes: 200_000,
        ..config()
    }
}

#[expect(clippy::disallowed_methods, reason = "the moment of the kill")]
fn wait(after: Duration) {
    std::thread::sleep(after);
}

/// Not a test of its own: what is looked at from outside. One append at a time, so that whatever
/// is not synced when an answer is told was not synced for that answer.
#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "tells the child from the test run"
)]
async fn writes_a_little() {
    let (Ok(dir), Ok(_)) = (std::env::var(DIR), std::env::var(ROUND)) else {
        return;
    };
    let spool = Spool::open(&dir, small()).unwrap();
    for id in 0..60 {
        let entries = vec![entry_of(id, 5000)];
        let stored = spool
            .append(Area::Waiting, entries)
            .await
            .remove(0)
            .unwrap();
        tell(&format!("stored {id} {} end\n", stored.id));
    }
    spool.close().await.unwrap();
}
