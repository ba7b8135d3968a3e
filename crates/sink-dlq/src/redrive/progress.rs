use std::time::SystemTime;

use events_core::ErrorKind;

use crate::core::Core;

/// What the redriver is doing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RedriverStatus {
    /// What it is doing.
    pub state: RedriverState,
    /// Why the last record that was not stored was not; `None` once one is stored again.
    pub last_error: Option<LastError>,
}

/// What the redriver is doing.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum RedriverState {
    /// It was not started, or is not to redrive by itself.
    #[default]
    Stopped,
    /// Nothing is due.
    Idle,
    /// It redrives.
    Draining,
    /// The destination does not answer; it is asked again within half a second.
    WaitingForDestination,
}

/// Why a record was not stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LastError {
    /// What the error asks for.
    pub kind: ErrorKind,
    /// The error in words; no event's data.
    pub reason: String,
    /// When that was.
    pub at: SystemTime,
}

impl Core {
    /// Nothing is due.
    pub(super) fn rests(&self) {
        let before = std::mem::replace(&mut self.progress().state, RedriverState::Idle);
        if before == RedriverState::Draining {
            let redriven = self.tally.read().redriven;
            tracing::info!(redriven, "redrove what was due");
        }
    }
}

impl RedriverState {
    /// The state as one lower-case word, for answers, logs and labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Idle => "idle",
            Self::Draining => "draining",
            Self::WaitingForDestination => "waiting",
        }
    }
}
