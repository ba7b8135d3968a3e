//! What the server needs from its host.

use std::fmt;
use std::sync::Arc;

mod dead_letters;
mod intake;
mod observer;
mod status;

pub use dead_letters::{DeadLetters, DlqTrouble};
pub use intake::{Accepted, Intake};
pub use observer::{Answered, Observer};
pub use status::{Readiness, Status};

/// The ports a [`Server`](crate::Server) is given.
#[derive(Clone)]
pub struct Ports {
    /// Takes custody of events.
    pub intake: Arc<dyn Intake>,
    /// Tells how the system is.
    pub status: Arc<dyn Status>,
    /// The spool, where there is one.
    pub dead_letters: Option<Arc<dyn DeadLetters>>,
    /// Counts what happens.
    pub observer: Arc<dyn Observer>,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ports")
    }
}
