use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Where a connection stands between its requests. Its service says when a request begins and
/// ends, its stream when bytes arrive; so the stream knows how long it may wait for more.
#[derive(Clone, Debug)]
pub(super) struct Phase {
    state: Arc<Mutex<State>>,
    header_timeout: Duration,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// Between requests. Nothing of the next one has come.
    Idle,
    /// Part of a request's head has come, or the connection is new; the rest must by `until`.
    Head { until: Instant },
    /// A request is being answered.
    Busy,
}

impl Phase {
    /// The phase of a new connection.
    pub(super) fn new(header_timeout: Duration) -> Self {
        let until = Instant::now() + header_timeout;
        Self {
            state: Arc::new(Mutex::new(State::Head { until })),
            header_timeout,
        }
    }

    /// Bytes arrived: between requests, they begin the next one.
    pub(super) fn bytes_came(&self) {
        self.change(|state| match state {
            State::Idle => State::Head {
                until: Instant::now() + self.header_timeout,
            },
            State::Head { .. } | State::Busy => state,
        });
    }

    /// The head of a request is complete.
    pub(super) fn begin(&self) {
        self.change(|_| State::Busy);
    }

    /// The answer to a request is ready.
    pub(super) fn end(&self) {
        self.change(|_| State::Idle);
    }

    /// When the rest of a head must have come, if one is due.
    pub(super) fn head_due(&self) -> Option<Instant> {
        match self.change(|state| state) {
            State::Head { until } => Some(until),
            State::Idle | State::Busy => None,
        }
    }

    /// Whether no request is being answered.
    pub(super) fn is_waiting(&self) -> bool {
        !matches!(self.change(|state| state), State::Busy)
    }

    fn change(&self, change: impl FnOnce(State) -> State) -> State {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = change(*state);
        *state
    }
}
