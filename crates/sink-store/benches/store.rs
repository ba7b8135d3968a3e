//! Rows committed many at once, against one row a commit: the same events, database and run.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::time::{Duration, Instant};

use events_core::{Event, EventSinkExt as _, NoopSink, WireEvent};
use sink_store::{Config, Store};
use sink_testkit::postgres::Postgres;
use tokio::runtime::{Builder, Runtime};

/// Rows handed over at once.
const BATCH: usize = 256;
const ROUND: Duration = Duration::from_millis(700);
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    // On the disk the build is on: a file system in memory has nothing to wait for.
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let url = format!("sqlite:{}", dir.path().join("store.sqlite").display());
    compare(&runtime, "sqlite", &url)?;
    let server = runtime.block_on(Postgres::start())?;
    compare(&runtime, "postgres", &server.url("postgres"))
}

fn compare(runtime: &Runtime, name: &str, url: &str) -> Result<(), Box<dyn Error>> {
    let store = Store::open(url.parse()?, Config::default())?;
    let mut ratios = Vec::new();
    for round in 0..ROUNDS {
        let single = rate(runtime, &store, &format!("{round}-single"), 1)?;
        let grouped = rate(runtime, &store, &format!("{round}-grouped"), BATCH)?;
        println!("info {name} one row a commit {single:.0}/s, {BATCH} rows {grouped:.0}/s");
        ratios.push(grouped / single);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios.get(ROUNDS / 2).ok_or("no round was run")?;
    println!("ratio {name}_multi_row_commit value={median:.1} must=>=5 goal=>=20 unit=x");
    Ok(())
}

/// Rows a second, `batch` of them a commit.
fn rate(
    runtime: &Runtime,
    store: &Store,
    prefix: &str,
    batch: usize,
) -> Result<f64, Box<dyn Error>> {
    let (mut took, mut count) = (Duration::ZERO, 0_usize);
    while took < ROUND {
        let ids = count..count + batch;
        let events: Result<Vec<_>, _> = ids.map(|id| sample(&format!("{prefix}-{id}"))).collect();
        let events = events?;
        let start = Instant::now();
        let results = runtime.block_on(store.append(&events));
        took += start.elapsed();
        for result in results {
            let _receipt = result?;
        }
        count += batch;
    }
    let count = u32::try_from(count)?;
    Ok(f64::from(count) / took.as_secs_f64())
}

/// An event of 1 KiB, sealed.
fn sample(id: &str) -> Result<WireEvent, Box<dyn Error>> {
    let data = format!(r#"{{"text":"{}"}}"#, "x".repeat(840));
    let event = Event::builder(id, "/bench", "bench.happened").json(&data);
    let sealed = NoopSink.seal(vec![event.build()?]).pop();
    Ok(sealed.ok_or("nothing was sealed")??)
}
