use std::collections::HashMap;
use std::time::Duration;

use async_nats::{ReconnectToServer, Server, ServerAddr};
use tokio::time::Instant;

use crate::Backoff;

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
    ///
    /// Whether one that is away is back costs one packet to learn, and events wait for it: it is
    /// asked soon again, however long it has been away. One that `refused` is asked ever less.
    pub(super) fn next(
        &mut self,
        pool: &[Server],
        refused: bool,
        share: f64,
    ) -> Option<ReconnectToServer> {
        self.tried
            .retain(|known, _| pool.iter().any(|server| server.addr == *known));
        let server = pool
            .iter()
            .filter(|server| can_be_asked(&server.addr))
            .min_by_key(|server| (self.tried.get(&server.addr), fastrand::u64(..)))?;
        let server = server.addr.clone();
        let backoff = Backoff {
            max: match refused {
                true => self.backoff.max,
                false => self.backoff.max.min(LONGEST_AWAY),
            },
            ..self.backoff
        };
        let wait = self.wait(backoff, pool, share);
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

    fn wait(&mut self, backoff: Backoff, pool: &[Server], share: f64) -> Duration {
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
        let wait = backoff.wait(self.failures, share);
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

/// The longest wait before a server that is away is asked again: its return ends the wait of all
/// events within a second.
const LONGEST_AWAY: Duration = Duration::from_millis(700);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn server(url: &str, failed_attempts: usize) -> Server {
        Server {
            addr: url.parse().unwrap(),
            failed_attempts,
            did_connect: false,
            is_discovered: false,
            last_error: None,
        }
    }

    fn route() -> Route {
        Route::new(Backoff {
            base: Duration::from_millis(100),
            max: Duration::from_secs(1),
        })
    }

    /// The milliseconds of the next waits, with the greatest of the random numbers.
    fn waits<const N: usize>(route: &mut Route, pool: &[Server]) -> [u128; N] {
        [(); N].map(|()| {
            route
                .next(pool, true, 1.0)
                .unwrap()
                .delay
                .unwrap()
                .as_millis()
        })
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_attempt_waits_for_nothing_and_failures_make_waits_grow() {
        let mut route = route();
        let refused = [server("nats://a", 1)];
        assert_eq!(
            waits(&mut route, &refused),
            [0, 100, 200, 400, 800, 1000, 1000]
        );
        let connected = [server("nats://a", 0)];
        // A connection that did not last counts as one more failure.
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(waits(&mut route, &connected), [1000]);
        tokio::time::advance(Duration::from_secs(1) + STEADY).await;
        assert_eq!(waits(&mut route, &connected), [100]);
        // Nor does an attempt that takes long to fail make a connection.
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(waits(&mut route, &refused), [200]);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_is_away_is_asked_again_within_a_second_for_ever() {
        let mut route = route();
        let away = [server("nats://a", 1)];
        let mut longest = Duration::ZERO;
        for _ in 0..100 {
            longest = longest.max(route.next(&away, false, 1.0).unwrap().delay.unwrap());
        }
        assert_eq!(longest, LONGEST_AWAY);
        assert_eq!(
            waits(&mut route, &away),
            [1000],
            "one that refuses is left alone for longer"
        );
    }

    #[test]
    fn the_server_tried_the_longest_ago_comes_next() {
        let mut route = route();
        let pool = ["nats://a", "nats://b", "nats://c"].map(|url| server(url, 0));
        let mut next = || route.next(&pool, true, 0.0).unwrap().addr;
        let first = [next(), next(), next()];
        assert!(pool.iter().all(|server| first.contains(&server.addr)));
        assert_eq!([next(), next(), next()], first);
        let grown = [&pool[..], &[server("nats://d", 9)]].concat();
        let fresh = route.next(&grown, true, 0.0).unwrap().addr;
        assert_eq!(
            fresh, grown[3].addr,
            "failures elsewhere do not keep one from its turn"
        );
    }

    #[test]
    fn what_cannot_be_encrypted_is_not_asked() {
        let mut route = route();
        let pool = [server("wss://a", 0), server("ws://b", 0)];
        assert!(route.next(&pool, true, 0.0).is_none());
        let pool = [server("wss://a", 0), server("tls://b", 7)];
        for _ in 0..4 {
            assert_eq!(route.next(&pool, true, 0.0).unwrap().addr, pool[1].addr);
        }
    }
}
