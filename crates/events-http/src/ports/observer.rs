use std::time::Duration;

use events_core::ErrorKind;
use events_core::codec::http::Mode;

/// Told what happens, so that the host can count it. Must not block. `()` observes nothing.
///
/// Everything told comes from closed sets and is fit for metric labels.
pub trait Observer: Send + Sync + 'static {
    /// A request of this mode brought `events`, good or bad.
    fn received(&self, mode: Mode, events: usize);

    /// An event was refused, by the decoder or by the chain.
    fn refused(&self, kind: ErrorKind);

    /// A request was answered, whatever it asked for.
    fn answered(&self, answered: &Answered);

    /// A client of the live tail came, went or was dropped. Not counted unless the host does.
    fn following(&self, _change: Following) {}
}

/// What becomes of a client of the live tail. Each begins once and ends once.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Following {
    /// It begins to follow.
    Began,
    /// It took nothing for too long, and will be told so if it ever reads. The end is still to come.
    Dropped,
    /// It is gone.
    Ended,
}

/// One request and its answer.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Answered {
    /// The request's method, `OTHER` where it is not among those of RFC 9110 and RFC 5789.
    pub method: &'static str,
    /// The path as the routing table has it, `unmatched` where there is none.
    pub route: &'static str,
    /// The status code.
    pub status: u16,
    /// From the request's head to the head of the answer.
    pub took: Duration,
}

impl Observer for () {
    fn received(&self, _mode: Mode, _events: usize) {}

    fn refused(&self, _kind: ErrorKind) {}

    fn answered(&self, _answered: &Answered) {}
}
