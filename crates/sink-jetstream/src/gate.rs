use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::breaker::Ticket;
use crate::{Admission, Breaker, Link};

/// A breaker that many share, and that hears of every new connection.
#[derive(Clone, Debug)]
pub(crate) struct Gate(Arc<Mutex<State>>);

/// Leave to go ahead. Dropped without a verdict it gives the probe's place to the next.
#[derive(Debug)]
pub(crate) struct Pass {
    gate: Gate,
    ticket: Option<Ticket>,
    is_probe: bool,
}

/// How long everybody has to wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closed {
    pub(crate) attempt: u32,
    pub(crate) next_after: Duration,
}

impl Gate {
    /// A gate in front of `link`.
    pub(crate) fn new(breaker: Breaker, link: &Link) -> Self {
        Self(Arc::new(Mutex::new(State {
            breaker,
            generation: link.generation,
        })))
    }

    /// Ends the wait if `link` is another connection than the last.
    pub(crate) fn hear(&self, link: &Link, now: Instant) {
        self.with(|state| state.hear(link, now));
    }

    /// Leave to go ahead over `link`, or how long to wait.
    pub(crate) fn admit(&self, link: &Link, now: Instant) -> Result<Pass, Closed> {
        let admission = self.with(|state| {
            state.hear(link, now);
            state.breaker.admit(now)
        });
        let (ticket, is_probe) = match admission {
            Admission::Pass(ticket) => (ticket, false),
            Admission::Probe(ticket) => (ticket, true),
            Admission::Wait {
                attempt,
                next_after,
            } => {
                return Err(Closed {
                    attempt,
                    next_after,
                });
            }
        };
        Ok(Pass {
            gate: self.clone(),
            ticket: Some(ticket),
            is_probe,
        })
    }

    /// Whether and how long everybody has to wait.
    pub(crate) fn waiting(&self, now: Instant) -> Option<(u32, Duration)> {
        self.with(|state| state.breaker.waiting(now))
    }

    fn with<T>(&self, ask: impl FnOnce(&mut State) -> T) -> T {
        // The breaker's methods do not panic half-way, so that a poisoned lock hides nothing.
        ask(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Pass {
    /// Whether the others wait for what comes of this.
    pub(crate) fn is_probe(&self) -> bool {
        self.is_probe
    }

    /// The broker answered.
    pub(crate) fn succeeded(mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.gate.with(|state| state.breaker.succeeded(ticket));
            if self.is_probe {
                tracing::info!("jetstream answers again");
            }
        }
    }

    /// The broker did not answer, or cannot work.
    pub(crate) fn failed(mut self, now: Instant) {
        if let Some(ticket) = self.ticket.take() {
            let opened = self.gate.with(|state| {
                let was_open = state.breaker.waiting(now).is_some();
                state.breaker.failed(ticket, now);
                !was_open && state.breaker.waiting(now).is_some()
            });
            if opened {
                tracing::warn!(
                    "jetstream does not answer: nothing is published until a probe succeeds"
                );
            }
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.gate.with(|state| state.breaker.released(ticket));
        }
    }
}

#[derive(Debug)]
struct State {
    breaker: Breaker,
    /// The last connection that was heard of.
    generation: u64,
}

impl State {
    fn hear(&mut self, link: &Link, now: Instant) {
        if link.is_up() && link.generation != self.generation {
            self.generation = link.generation;
            self.breaker.reconnected(now);
        }
    }
}
