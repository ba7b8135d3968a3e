use std::sync::Arc;
use std::time::Duration;

use events_core::subject::{Routes, Subject};
use events_core::{ErrorKind, SinkError};
use tokio::sync::{Mutex, Semaphore};
use tokio::time::Instant;

use crate::captures::{Capture, Captures};
use crate::cause::Cause;
use crate::counters::Counters;
use crate::faults::Faults;
use crate::gate::{Closed, Gate, Pass};
use crate::transitions::Seen;
use crate::{Breaker, Config, Link, LinkState, Publisher};

/// What all clones of a sink and all its deliveries share.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) publisher: Arc<dyn Publisher>,
    pub(crate) routes: Arc<Routes>,
    pub(crate) config: Config,
    pub(crate) gate: Gate,
    pub(crate) window: Semaphore,
    /// Held by the batch that is being handed over. Fair: batches go in the order they came.
    pub(crate) turn: Mutex<()>,
    pub(crate) captures: Captures,
    pub(crate) faults: Faults,
    pub(crate) counters: Counters,
    pub(crate) transitions: Seen,
}

impl Core {
    pub(crate) fn new(publisher: Arc<dyn Publisher>, routes: Arc<Routes>, config: Config) -> Self {
        let breaker = Breaker::new(config.backoff(), fastrand::u64(..));
        let gate = Gate::new(breaker, &publisher.link());
        let window = Semaphore::new(config.window.clamp(1, Semaphore::MAX_PERMITS));
        Self {
            publisher,
            routes,
            config,
            gate,
            window,
            turn: Mutex::default(),
            captures: Captures::default(),
            faults: Faults::default(),
            counters: Counters::default(),
            transitions: Seen::default(),
        }
    }

    /// The connection as it is now. A new one ends the breaker's wait.
    pub(crate) fn look(&self) -> Link {
        let link = self.publisher.link();
        self.gate.hear(&link, Instant::now().into_std());
        link
    }

    /// Leave to publish on the connection as it is now.
    pub(crate) fn enter(&self) -> Result<(Pass, Link), SinkError> {
        let link = self.publisher.link();
        let now = Instant::now().into_std();
        if let LinkState::Refused { reason } = &link.state {
            let cause = Cause::LetsNobodyIn(Arc::clone(reason));
            return Err(failed(ErrorKind::Config, cause));
        }
        let pass = self.gate.admit(&link, now).map_err(
            |Closed {
                 attempt,
                 next_after,
             }| {
                let cause = Cause::Waiting {
                    attempt,
                    next_after,
                };
                failed(ErrorKind::Unavailable, cause)
            },
        )?;
        if let LinkState::Down { reason } = &link.state {
            // It opens a closed breaker. An open one learns nothing: nothing was tried.
            if !pass.is_probe() {
                pass.failed(now);
            }
            let cause = Cause::Down(Arc::clone(reason));
            return Err(failed(ErrorKind::Unavailable, cause));
        }
        Ok((pass, link))
    }

    /// Who captures `subject`.
    pub(crate) async fn capture(&self, subject: &Subject, link: &Link) -> Capture {
        let within = self.config.lookup_timeout;
        let publisher = &*self.publisher;
        self.captures
            .of(publisher, subject, link.generation, within)
            .await
    }

    /// Who captures `subject`, asked anew unless that was done after `since`.
    pub(crate) async fn ask_again(&self, subject: &Subject, since: Instant) -> Capture {
        let within = self.config.lookup_timeout;
        let publisher = &*self.publisher;
        self.captures
            .ask_again(publisher, subject, since, within)
            .await
    }

    /// No stream takes `subject`. An election looks the same, so that it is a mistake only if it
    /// lasts and the broker knows of no stream.
    pub(crate) async fn unheard(&self, subject: &Subject) -> SinkError {
        let now = Instant::now();
        let lasting = self.faults.unheard(subject, now.into_std());
        let name: Box<str> = subject.as_str().into();
        if lasting < self.config.no_responders_grace {
            return failed(ErrorKind::Unavailable, Cause::NoStream(name));
        }
        let since = now.checked_sub(BETWEEN_QUESTIONS).unwrap_or(now);
        match self.ask_again(subject, since).await {
            Capture::Nobody | Capture::Untold => self.mistaken(subject, Cause::NoStream(name)),
            Capture::By(_) | Capture::Unknown => {
                failed(ErrorKind::Unavailable, Cause::NoLeader(name))
            }
        }
    }

    /// Notes what an operator has to change for `subject`, and makes an error of it.
    pub(crate) fn mistaken(&self, subject: &Subject, cause: Cause) -> SinkError {
        let reason = cause.to_string();
        if self.faults.mistaken(subject, reason.clone()) {
            tracing::warn!(%subject, reason, "events wait for an operator");
        }
        failed(ErrorKind::Config, cause)
    }
}

pub(crate) fn failed(kind: ErrorKind, cause: Cause) -> SinkError {
    SinkError::caused(kind, "publish to jetstream", cause)
}

/// How often the broker is asked about a subject that no stream takes.
const BETWEEN_QUESTIONS: Duration = Duration::from_secs(1);
