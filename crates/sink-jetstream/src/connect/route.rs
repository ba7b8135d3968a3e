use std::collections::HashMap;
use std::time::Duration;

use async_nats::{ReconnectToServer, Server, ServerAddr};
use tokio::time::Instant;

use super::backoff::Backoff;

/// Decides which server is tried next, and when.
///
/// The client's own choice knows no jitter, begins again without a wait after a login that was
/// refused, and would speak to a server that another one calls `wss://…` without encryption.
#[derive(Debug)]
pub(super) struct Route {
    backoff: Backoff,
    failures: u32,
    attempts: u64,
    /// The number of the last attempt at each server.
    tried: HashMap<ServerAddr, u64>,
    last: Option<Attempt>,
}

#[derive(Clone, Debug)]
struct Attempt {
    server: ServerAddr,
    begins: Instant,
}

impl Route {
    pub(super) fn new(backoff: Backoff) -> Self {
        Self {
            backoff,
            failures: 0,
            attempts: 0,
            tried: HashMap::new(),
            last: None,
        }
    }

    /// The server that was tried last.
    pub(super) fn last(&self) -> Option<&ServerAddr> {
        self.last.as_ref().map(|attempt| &attempt.server)
    }

    /// The next server is the one that was tried the longest ago, so that the one just lost is
    /// the last to be asked again. `share` is a random number from 0 to 1.
    pub(super) fn next(&mut self, pool: &[Server], share: f64) -> Option<ReconnectToServer> {
        self.tried
            .retain(|known, _| pool.iter().any(|server| server.addr == *known));
        let server = pool
            .iter()
            .filter(|server| can_be_asked(&server.addr))
            .min_by_key(|server| (self.tried.get(&server.addr), fastrand::u64(..)))?;
        let server = server.addr.clone();
        let wait = self.wait(pool, share);
        self.attempts += 1;
        self.tried.insert(server.clone(), self.attempts);
        let now = Instant::now();
        self.last = Some(Attempt {
            server: server.clone(),
            begins: now.checked_add(wait).unwrap_or(now),
        });
        Some(ReconnectToServer {
            addr: server,
            delay: Some(wait),
        })
    }

    fn wait(&mut self, pool: &[Server], share: f64) -> Duration {
        let Some(last) = &self.last else {
            return Duration::ZERO;
        };
        let held = last.begins.elapsed() >= STEADY
            && pool
                .iter()
                .any(|server| server.addr == last.server && server.failed_attempts == 0);
        if held {
            self.failures = 0;
        }
        let wait = self.backoff.wait(self.failures, share);
        self.failures = self.failures.saturating_add(1);
        wait
    }
}

/// A server may tell of others, before anything proves who it is.
fn can_be_asked(server: &ServerAddr) -> bool {
    matches!(server.scheme(), "nats" | "tls") && !server.host().is_empty()
}

/// A connection that is lost sooner counts as one more failure, or a server that lets clients in
/// and throws them out would be asked again without end.
const STEADY: Duration = Duration::from_secs(10);
