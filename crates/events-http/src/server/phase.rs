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
    /// Nothing has come yet; the head of a request must by `until`.
    New { until: Instant },
    /// Part of a request's head has come; the rest must by `until`.
    Head { until: Instant },
    /// Between requests. Nothing of the next one has come.
    Idle,
    /// A request is being answered.
    Busy,
    /// A request is being answered, and the answer has no end of its own.
    Endless,
}

impl Phase {
    /// The phase of a new connection.
    pub(super) fn new(header_timeout: Duration) -> Self {
        let until = Instant::now() + header_timeout;
        Self {
            state: Arc::new(Mutex::new(State::New { until })),
            header_timeout,
        }
    }

    /// Bytes arrived: where no request is being answered, they are part of a head.
    pub(super) fn bytes_came(&self) {
        self.change(|state| match state {
            State::New { until } => State::Head { until },
            State::Idle => State::Head {
                until: Instant::now() + self.header_timeout,
            },
            State::Head { .. } | State::Busy | State::Endless => state,
        });
    }

    /// The head of a request is complete.
    pub(super) fn begin(&self) {
        self.change(|_| State::Busy);
    }

    /// The answer that began goes on for as long as the client listens.
    pub(super) fn go_on(&self) {
        self.change(|_| State::Endless);
    }

    /// The answer to a request is over.
    pub(super) fn end(&self) {
        self.change(|_| State::Idle);
    }

    /// When the head of a request must have come, if there is such a time.
    pub(super) fn head_due(&self) -> Option<Instant> {
        match self.change(|state| state) {
            State::New { until } | State::Head { until } => Some(until),
            State::Idle | State::Busy | State::Endless => None,
        }
    }

    /// Whether part of a head has come, and not all.
    pub(super) fn is_in_a_head(&self) -> bool {
        matches!(self.change(|state| state), State::Head { .. })
    }

    /// Whether nothing of a request has come that is not answered.
    pub(super) fn is_quiet(&self) -> bool {
        matches!(self.change(|state| state), State::New { .. } | State::Idle)
    }

    /// Whether an answer without end is being given.
    pub(super) fn is_endless(&self) -> bool {
        matches!(self.change(|state| state), State::Endless)
    }

    fn change(&self, change: impl FnOnce(State) -> State) -> State {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = change(*state);
        *state
    }
}
