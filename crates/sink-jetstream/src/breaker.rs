use std::time::{Duration, Instant};

use crate::Backoff;

/// A circuit breaker: after a failure nobody tries again before a wait is over, and then one.
///
/// Pure: it reads no clock and waits for nothing. `Connected` lets everybody through. The first
/// failure opens it, as attempt 0, for a wait of the [`Backoff`]. Once that is over, the next one
/// who asks is the probe; its success closes the breaker, its failure opens it for a longer wait.
/// Whatever others report, who were let through before, changes nothing any more.
///
/// ```
/// use std::time::Instant;
/// use sink_jetstream::{Admission, Backoff, Breaker};
///
/// let mut breaker = Breaker::new(Backoff::default(), 1);
/// let now = Instant::now();
/// let Admission::Pass(ticket) = breaker.admit(now) else { unreachable!() };
/// breaker.failed(ticket, now);
/// let later = now + Backoff::default().bound(0);
/// let Admission::Probe(probe) = breaker.admit(later) else { unreachable!() };
/// assert!(matches!(breaker.admit(later), Admission::Wait { attempt: 0, .. }));
/// breaker.succeeded(probe);
/// assert!(matches!(breaker.admit(later), Admission::Pass(_)));
/// ```
#[derive(Debug)]
pub struct Breaker {
    backoff: Backoff,
    random: fastrand::Rng,
    /// Grows whenever the breaker opens or lets a probe through: older tickets are void.
    epoch: u64,
    phase: Phase,
}

/// What a breaker answers to those who ask to go ahead.
#[derive(Debug)]
#[must_use = "a probe that is not reported on holds up everybody"]
pub enum Admission {
    /// Go ahead.
    Pass(Ticket),
    /// Go ahead, alone: the others wait for what comes of it.
    Probe(Ticket),
    /// Do not try.
    Wait {
        /// How many probes have failed since the breaker opened or there was a new connection.
        attempt: u32,
        /// How long until the next probe; nothing while one is under way.
        next_after: Duration,
    },
}

/// Stands for one who was let through, to be handed back with what came of it.
#[derive(Debug)]
#[must_use = "report what came of it, or release it"]
pub struct Ticket {
    epoch: u64,
}

impl Breaker {
    /// A breaker that lets everybody through. `seed` is where the jitter begins.
    #[must_use]
    pub fn new(backoff: Backoff, seed: u64) -> Self {
        Self {
            backoff,
            random: fastrand::Rng::with_seed(seed),
            epoch: 0,
            phase: Phase::Closed,
        }
    }

    /// Whether to go ahead.
    pub fn admit(&mut self, now: Instant) -> Admission {
        match self.phase {
            Phase::Closed => Admission::Pass(Ticket { epoch: self.epoch }),
            Phase::Open { attempt, until } if until <= now => {
                self.epoch += 1;
                self.phase = Phase::Probing {
                    attempt,
                    until,
                    reconnected: false,
                };
                Admission::Probe(Ticket { epoch: self.epoch })
            }
            Phase::Open { attempt, .. } | Phase::Probing { attempt, .. } => Admission::Wait {
                attempt,
                next_after: self.next_after(now),
            },
        }
    }

    /// It went well. Closes the breaker if this was the probe.
    #[expect(clippy::needless_pass_by_value, reason = "a ticket is used once")]
    pub fn succeeded(&mut self, ticket: Ticket) {
        if ticket.epoch == self.epoch && matches!(self.phase, Phase::Probing { .. }) {
            self.phase = Phase::Closed;
        }
    }

    /// It went wrong: opens the breaker, unless it opened since the ticket was given.
    #[expect(clippy::needless_pass_by_value, reason = "a ticket is used once")]
    pub fn failed(&mut self, ticket: Ticket, now: Instant) {
        if ticket.epoch != self.epoch {
            return;
        }
        self.epoch += 1;
        self.phase = match self.phase {
            Phase::Closed => self.opened(0, now),
            // It went out on the connection before, and says nothing of this one.
            Phase::Probing {
                reconnected: true, ..
            } => Phase::Open {
                attempt: 0,
                until: now,
            },
            Phase::Probing { attempt, .. } => self.opened(attempt.saturating_add(1), now),
            open @ Phase::Open { .. } => open,
        };
    }

    /// It was not tried, or shows nothing. If this was the probe, the next one who asks is.
    #[expect(clippy::needless_pass_by_value, reason = "a ticket is used once")]
    pub fn released(&mut self, ticket: Ticket) {
        match self.phase {
            Phase::Probing {
                attempt,
                until,
                reconnected,
            } if ticket.epoch == self.epoch => {
                let attempt = if reconnected { 0 } else { attempt };
                self.phase = Phase::Open { attempt, until };
            }
            Phase::Closed | Phase::Open { .. } | Phase::Probing { .. } => {}
        }
    }

    /// There is a new connection: ends a wait and counts from attempt 0 again. Who asks next is
    /// the probe; one that is under way is not joined by another, and should it fail, the next
    /// goes out at once.
    pub fn reconnected(&mut self, now: Instant) {
        match &mut self.phase {
            Phase::Closed => {}
            Phase::Open { attempt, until } => {
                *attempt = 0;
                *until = now.min(*until);
            }
            Phase::Probing { reconnected, .. } => *reconnected = true,
        }
    }

    /// How many probes have failed since it opened or there was a new connection, and how long
    /// until the next; `None` while it lets everybody through.
    #[must_use]
    pub fn waiting(&self, now: Instant) -> Option<(u32, Duration)> {
        match self.phase {
            Phase::Closed => None,
            Phase::Open { attempt, .. } | Phase::Probing { attempt, .. } => {
                Some((attempt, self.next_after(now)))
            }
        }
    }

    fn opened(&mut self, attempt: u32, now: Instant) -> Phase {
        let wait = self.backoff.wait(attempt, self.random.f64());
        let until = now.checked_add(wait).unwrap_or(now);
        Phase::Open { attempt, until }
    }

    fn next_after(&self, now: Instant) -> Duration {
        match self.phase {
            Phase::Open { until, .. } => until.saturating_duration_since(now),
            Phase::Closed | Phase::Probing { .. } => Duration::ZERO,
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    Closed,
    Open {
        attempt: u32,
        until: Instant,
    },
    Probing {
        attempt: u32,
        until: Instant,
        /// Whether there was a new connection since the probe went out.
        reconnected: bool,
    },
}
