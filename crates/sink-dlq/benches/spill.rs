//! The spool with 256 senders at once, against a write and an fdatasync for each event: the same
//! events, directory and run.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant, UNIX_EPOCH};

use events_core::{ErrorKind, Event, EventSinkExt as _, NoopSink};
use sink_dlq::{Area, Cause, Entry, Spool, SpoolConfig};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

const SENDERS: usize = 256;
const ROUND: Duration = Duration::from_millis(700);
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    // On the disk the build is on: a file system in memory has nothing to wait for.
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let entry = sample()?;
    let runtime = Builder::new_multi_thread().enable_time().build()?;
    println!("info events of {} bytes sealed", entry.event.bytes().len());
    let mut ratios = Vec::new();
    for round in 0..ROUNDS {
        let single = one_at_a_time(dir.path(), &entry)?;
        let grouped = grouped(&runtime, &dir.path().join(round.to_string()), &entry)?;
        println!("info one at a time {single:.0}/s, {SENDERS} at once {grouped:.0}/s");
        ratios.push(grouped / single);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios.get(ROUNDS / 2).ok_or("no round was run")?;
    println!("ratio spill_group_commit value={median:.1} must=>=10 goal=>=50 unit=x");
    Ok(())
}

/// Events a second, each written and synced alone.
fn one_at_a_time(dir: &Path, entry: &Entry) -> Result<f64, Box<dyn Error>> {
    let path = dir.join("single");
    let mut options = OpenOptions::new();
    let mut file = options.create(true).append(true).open(path)?;
    let line = [entry.event.bytes().as_ref(), b"\n"].concat();
    let start = Instant::now();
    let mut count = 0_u32;
    while start.elapsed() < ROUND {
        file.write_all(&line)?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}

/// Events a second, each sender waiting for its own answer before it sends the next.
fn grouped(runtime: &Runtime, dir: &Path, entry: &Entry) -> Result<f64, Box<dyn Error>> {
    let spool = Spool::open(dir, SpoolConfig::default())?;
    let start = Instant::now();
    let counts = runtime.block_on(async {
        let mut senders = JoinSet::new();
        for _ in 0..SENDERS {
            let (spool, entry) = (spool.clone(), entry.clone());
            senders.spawn(async move {
                let mut count = 0_u32;
                while start.elapsed() < ROUND {
                    let results = spool.append(Area::Waiting, vec![entry.clone()]).await;
                    let taken = results.iter().filter(|result| result.is_ok()).count();
                    count += u32::try_from(taken).unwrap_or_default();
                }
                count
            });
        }
        senders.join_all().await
    });
    let took = start.elapsed().as_secs_f64();
    let taken: u32 = counts.into_iter().sum();
    if spool.status().waiting.records as u64 != u64::from(taken) {
        return Err("the spool does not hold what it acknowledged".into());
    }
    drop(spool);
    std::fs::remove_dir_all(dir)?;
    Ok(f64::from(taken) / took)
}

/// An event of 1 KiB, sealed.
fn sample() -> Result<Entry, Box<dyn Error>> {
    let data = format!(r#"{{"text":"{}"}}"#, "x".repeat(840));
    let event = Event::builder("0191f7c2-8a4e-7c1e-9d57", "/bench", "bench.happened").json(&data);
    let sealed = NoopSink.seal(vec![event.build()?]).pop();
    Ok(Entry {
        event: sealed.ok_or("nothing was sealed")??,
        subject: "bench.happened".to_owned(),
        cause: Cause::new(ErrorKind::Unavailable, "reach the broker", UNIX_EPOCH),
    })
}
