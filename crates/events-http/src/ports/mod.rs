//! What the server needs from its host.

use std::fmt;
use std::sync::Arc;

mod dead_letters;
mod history;
mod intake;
mod observer;
mod status;
mod tail;

pub use dead_letters::{DeadLetters, DlqTrouble};
pub use history::{History, HistoryTrouble};
pub use intake::{Accepted, Intake};
pub use observer::{Answered, Following, Observer};
pub use status::{Readiness, Status};
pub use tail::{Destination, Tail, TailItem};

/// The ports a [`Server`](crate::Server) is given.
#[derive(Clone)]
pub struct Ports {
    /// Takes custody of events.
    pub intake: Arc<dyn Intake>,
    /// Tells how the system is.
    pub status: Arc<dyn Status>,
    /// The spool, where there is one.
    pub dead_letters: Option<Arc<dyn DeadLetters>>,
    /// The events that are kept, where they can be read back.
    pub history: Option<Arc<dyn History>>,
    /// The same as they come.
    pub tail: Option<Arc<dyn Tail>>,
    /// Counts what happens.
    pub observer: Arc<dyn Observer>,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ports")
    }
}
