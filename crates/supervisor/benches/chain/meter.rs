//! What a run costs.

use std::error::Error;
use std::fs::DirEntry;
use std::path::Path;
use std::time::Instant;

/// How a run went: events a second, and microseconds of processor time for each.
pub(crate) struct Run {
    pub(crate) rate: f64,
    pub(crate) client: f64,
    pub(crate) server: f64,
}

impl Run {
    /// Microseconds of processor time for each event, on both sides.
    pub(crate) fn cost(&self) -> f64 {
        self.client + self.server
    }
}

/// Measures a run from its first event to its last answer.
pub(crate) struct Meter {
    start: Instant,
    before: (u64, u64),
}

impl Meter {
    pub(crate) fn start() -> Result<Self, Box<dyn Error>> {
        let before = cpu_times()?;
        let start = Instant::now();
        Ok(Self { start, before })
    }

    /// What came of a run of so many events.
    pub(crate) fn stop(self, events: usize) -> Result<Run, Box<dyn Error>> {
        let took = self.start.elapsed();
        let after = cpu_times()?;
        let events = events as f64;
        let each = |after: u64, before: u64| after.saturating_sub(before) as f64 / 1e3 / events;
        Ok(Run {
            rate: events / took.as_secs_f64(),
            client: each(after.0, self.before.0),
            server: each(after.1, self.before.1),
        })
    }
}

/// Nanoseconds of processor time that this process and the brokers it started have taken.
fn cpu_times() -> Result<(u64, u64), Box<dyn Error>> {
    let own = std::process::id();
    let mut servers = 0;
    for process in std::fs::read_dir("/proc")? {
        let path = process?.path();
        let Ok(status) = std::fs::read_to_string(path.join("status")) else {
            continue;
        };
        let mut lines = status.lines();
        if lines.any(|line| line.strip_prefix("PPid:\t") == Some(&own.to_string())) {
            servers += cpu_time(&path);
        }
    }
    Ok((cpu_time(Path::new("/proc/self")), servers))
}

/// The same for all threads of one process (proc(5), `schedstat`). One that has just ended, and a
/// system that does not say, count for nothing.
fn cpu_time(process: &Path) -> u64 {
    let threads = std::fs::read_dir(process.join("task"))
        .into_iter()
        .flatten();
    let time = |thread: std::io::Result<DirEntry>| -> Option<u64> {
        let text = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse().ok()
    };
    threads.filter_map(time).sum()
}
