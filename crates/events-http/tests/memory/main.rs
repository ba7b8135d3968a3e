//! How much memory hostile clients can make a server hold. A process of its own, since the system
//! counts memory by process.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bodies;
mod watchers;

use std::sync::Arc;

use async_trait::async_trait;
use events_core::{ErrorKind, Event, SinkError};
use events_http::{Accepted, Intake, Ports, Readiness, Status};
use tokio::sync::Mutex;

/// Held by a test while it measures.
static ALONE: Mutex<()> = Mutex::const_new(());

fn ports() -> Ports {
    Ports {
        intake: Arc::new(Nobody),
        status: Arc::new(Nobody),
        observer: Arc::new(()),
        dead_letters: None,
        history: None,
        tail: None,
    }
}

/// The most memory this process has held, in bytes.
fn peak_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.unwrap().trim().trim_end_matches(" kB");
    kib.parse::<usize>().unwrap() * 1024
}

/// Nothing that is sent here is an event, so nobody is needed behind the ports.
struct Nobody;

#[async_trait]
impl Intake for Nobody {
    async fn accept(&self, events: Vec<Event>) -> Vec<Result<Accepted, SinkError>> {
        let refuse = |_| Err(SinkError::new(ErrorKind::Config, "have a chain"));
        events.into_iter().map(refuse).collect()
    }
}

impl Status for Nobody {
    fn started(&self) -> bool {
        true
    }

    fn readiness(&self) -> Readiness {
        Readiness {
            ready: false,
            degraded: Vec::new(),
        }
    }

    fn status(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    fn metrics(&self) -> String {
        String::new()
    }

    fn jwks(&self) -> String {
        String::new()
    }
}
