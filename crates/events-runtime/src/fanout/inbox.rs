use std::sync::{Mutex, MutexGuard, PoisonError};

use events_core::{Outcome, SinkError};
use tokio::sync::Notify;

/// What a child answered, one result for each event it was sent.
#[derive(Debug)]
pub(super) struct Report {
    /// The child's position.
    pub(super) child: usize,
    pub(super) results: Vec<Result<Outcome, SinkError>>,
}

/// Where the children of one round report, and learn when nobody waits for them any more.
#[derive(Debug)]
pub(super) struct Inbox {
    state: Mutex<State>,
    arrived: Notify,
}

#[derive(Debug)]
enum State {
    Open(Vec<Report>),
    /// Says of each event whether it was answered with `Ok`.
    Closed(Box<[bool]>),
}

impl Inbox {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State::Open(Vec::new())),
            arrived: Notify::new(),
        }
    }

    /// Reports to the round. `Err` when it is over: the report, and which events were `Ok`.
    pub(super) fn report(&self, report: Report) -> Result<(), (Report, Box<[bool]>)> {
        match &mut *self.lock() {
            State::Open(reports) => reports.push(report),
            State::Closed(answered_ok) => return Err((report, answered_ok.clone())),
        }
        self.arrived.notify_one();
        Ok(())
    }

    /// Waits until there are reports. For one waiter at a time.
    pub(super) async fn arrived(&self) -> Vec<Report> {
        loop {
            let reports = match &mut *self.lock() {
                State::Open(reports) => std::mem::take(reports),
                State::Closed(_) => Vec::new(),
            };
            if !reports.is_empty() {
                return reports;
            }
            self.arrived.notified().await;
        }
    }

    /// Takes the reports that came last, and no more after them.
    pub(super) fn close(&self, answered_ok: Box<[bool]>) -> Vec<Report> {
        match std::mem::replace(&mut *self.lock(), State::Closed(answered_ok)) {
            State::Open(reports) => reports,
            State::Closed(_) => Vec::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
