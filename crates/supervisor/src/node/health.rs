use std::collections::BTreeMap;
use std::fs;

use events_bus::{Health as State, NodeHealth};
use events_http::{Readiness, Status as _};

use crate::status::Health;

/// How the daemon is at one moment.
#[derive(Debug)]
pub(super) struct Report(NodeHealth);

impl Report {
    pub(super) fn of(health: &Health) -> Self {
        let Readiness { ready, degraded } = health.readiness();
        let status = match (ready, degraded.is_empty()) {
            (true, true) => State::Ok,
            (true, false) => State::Degraded,
            (false, _) => State::Failing,
        };
        let load = health.load();
        let mut resources = BTreeMap::from([
            ("queued_events".to_owned(), load.events as f64),
            ("queued_bytes".to_owned(), load.bytes as f64),
            (
                "uptime_seconds".to_owned(),
                health.uptime().as_secs_f64().floor(),
            ),
        ]);
        if let Some(bytes) = resident_bytes() {
            resources.insert("memory_bytes".to_owned(), bytes);
        }
        Self(NodeHealth { status, resources })
    }

    pub(super) fn status(&self) -> State {
        self.0.status
    }

    pub(super) fn into_event(self) -> NodeHealth {
        self.0
    }
}

/// The memory that the process takes, where the system tells.
fn resident_bytes() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: f64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0)
}
