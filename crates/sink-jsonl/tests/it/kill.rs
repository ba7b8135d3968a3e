//! FD9: a process killed under load. This test binary runs itself as the process.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use sink_jsonl::Config;
use tokio::task::JoinSet;

use crate::{event_of, ids, open, place};

const ROUNDS: usize = 20;
const SENDERS: usize = 32;
const DIR: &str = "SINK_JSONL_TEST_KILL_DIR";

#[test]
fn a_process_killed_at_any_moment_loses_nothing_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = HashMap::new();
    for round in 0..ROUNDS {
        // Odd steps, so that the moments fall anywhere between opening and full speed.
        let after = Duration::from_micros(300 + round as u64 * 2_713);
        acknowledged.extend(run_and_kill(dir.path(), round, after));
    }
    assert!(acknowledged.len() > ROUNDS, "the rounds were too short");
    let journal = open(dir.path(), small());
    assert!(journal.open_report().segments > 1, "nothing was rotated");
    drop(journal);
    let mut found: Vec<usize> = ids(dir.path());
    let records = crate::records(dir.path());
    let places: HashMap<usize, (String, u64)> = records
        .iter()
        .zip(&found)
        .map(|(record, id)| (*id, (record.segment.to_string(), record.offset)))
        .collect();
    for (id, place) in &acknowledged {
        assert_eq!(places.get(id), Some(place), "event {id}");
    }
    let all = found.len();
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len(), all, "an event stands there twice");
}

/// Starts a process that writes and tells what was acknowledged, and kills it `after` its first
/// acknowledgement. Returns all it told.
fn run_and_kill(dir: &Path, round: usize, after: Duration) -> Vec<(usize, (String, u64))> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::writes_until_it_is_killed", "--nocapture"])
        .env(DIR, dir)
        .env("SINK_JSONL_TEST_KILL_ROUND", round.to_string())
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

fn parse(line: &str) -> Option<(usize, (String, u64))> {
    let mut words = line.strip_prefix("ack ")?.strip_suffix(" end")?.split(' ');
    let (id, segment, offset) = (words.next()?, words.next()?, words.next()?);
    Some((id.parse().ok()?, (segment.to_owned(), offset.parse().ok()?)))
}

/// Not a test of its own: what the process above does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(
    clippy::disallowed_methods,
    reason = "tells the child from the test run"
)]
async fn writes_until_it_is_killed() {
    let (Ok(dir), Ok(round)) = (
        std::env::var(DIR),
        std::env::var("SINK_JSONL_TEST_KILL_ROUND"),
    ) else {
        return;
    };
    let round: usize = round.parse().unwrap();
    let journal = open(Path::new(&dir), small());
    let mut senders = JoinSet::new();
    for sender in 0..SENDERS {
        let journal = journal.clone();
        senders.spawn(async move {
            for turn in 0..10_000 {
                let id = (round * 10_000 + turn) * SENDERS + sender;
                let result = journal.append(&[event_of(id, id % 3000)]).await.pop();
                let (segment, offset) = place(result.unwrap());
                let line = format!("ack {id} {segment} {offset} end\n");
                std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
            }
        });
    }
    senders.join_all().await;
}

fn small() -> Config {
    Config {
        segment_bytes: 200_000,
        ..Config::default()
    }
}

#[expect(clippy::disallowed_methods, reason = "the moment of the kill")]
fn wait(after: Duration) {
    std::thread::sleep(after);
}
