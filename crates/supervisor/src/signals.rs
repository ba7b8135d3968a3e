use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals a daemon obeys, awaited together.
#[derive(Debug)]
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

/// What a signal asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Asked {
    /// SIGTERM or SIGINT: stop, losing nothing; a second one means at once.
    Stop,
    /// SIGHUP: open files anew, and read what can change.
    Reload,
}

impl Signals {
    /// Takes over the signals of this process.
    ///
    /// # Errors
    /// The operating system's, where it refuses.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// The next one. Cancel-safe: a signal that arrives is not lost.
    pub(crate) async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::Stop,
            _ = self.interrupt.recv() => Asked::Stop,
            _ = self.hang_up.recv() => Asked::Reload,
        }
    }
}
