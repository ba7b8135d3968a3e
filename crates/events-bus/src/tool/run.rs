use std::borrow::Cow;
use std::fmt;
use std::thread;

use events_core::{ErrorKind, Outcome, SinkError};
use tokio::runtime::Handle;

use super::{PANICKED, Tool, answer};
use crate::{ToolCrashed, ToolStopped};

/// One run of a tool. It tells its end once: by [`stopped`](Self::stopped), by
/// [`crashed`](Self::crashed), or else when it is dropped, as crashed where the thread panics.
#[must_use = "a run ends when this is dropped"]
pub struct ToolRun {
    tool: Tool,
    runtime: Handle,
    restarts: u64,
    started: Result<Outcome, SinkError>,
    is_told: bool,
}

impl ToolRun {
    /// Who has custody of the event that it started, or why nobody has.
    ///
    /// # Errors
    /// The bus's.
    pub fn started(&self) -> Result<&Outcome, &SinkError> {
        self.started.as_ref()
    }

    /// How many runs of the tool were started before.
    #[must_use]
    pub fn restarts(&self) -> u64 {
        self.restarts
    }

    /// Ends the run as it should end.
    ///
    /// # Errors
    /// The bus's: the run has ended all the same.
    ///
    /// # Cancel safety
    /// Dropped, the event is told all the same.
    pub async fn stopped(mut self, reason: &str) -> Result<Outcome, SinkError> {
        answer(self.tell_stopped(reason)).await
    }

    /// Ends the run as it should not end, saying what went wrong. A text of more than 16 KiB is
    /// replaced by its length: cut, it could hide a secret from redaction.
    ///
    /// # Errors
    /// As [`stopped`](Self::stopped).
    ///
    /// # Cancel safety
    /// As [`stopped`](Self::stopped).
    pub async fn crashed(mut self, error: &str) -> Result<Outcome, SinkError> {
        answer(self.tell_crashed(error)).await
    }

    pub(super) fn new(tool: Tool, runtime: Handle, restarts: u64) -> Self {
        let doing = "wait for the event of a tool's start";
        Self {
            tool,
            runtime,
            restarts,
            started: Err(SinkError::new(ErrorKind::Unavailable, doing)),
            is_told: false,
        }
    }

    pub(super) fn set_started(&mut self, started: Result<Outcome, SinkError>) {
        self.started = started;
    }

    fn tell_stopped(&mut self, reason: &str) -> super::Told {
        self.is_told = true;
        let stopped = ToolStopped {
            tool: self.tool.name().to_owned(),
            reason: reason.to_owned(),
        };
        self.tool.tell(&self.runtime, &stopped)
    }

    fn tell_crashed(&mut self, error: &str) -> super::Told {
        self.is_told = true;
        let crashed = ToolCrashed {
            tool: self.tool.name().to_owned(),
            error: bounded(error).into_owned(),
            restart_count: self.restarts,
        };
        self.tool.tell(&self.runtime, &crashed)
    }
}

impl Drop for ToolRun {
    fn drop(&mut self) {
        if self.is_told {
            return;
        }
        let told = if thread::panicking() {
            self.tell_crashed(PANICKED)
        } else {
            self.tell_stopped("dropped")
        };
        // Whether it worked is logged where it is told; nobody is left to answer.
        drop(told);
    }
}

impl fmt::Debug for ToolRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ToolRun({} restarts)", self.restarts)
    }
}

fn bounded(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("a text of {} bytes, left out", text.len()))
    }
}

const LONGEST: usize = 16 << 10;
