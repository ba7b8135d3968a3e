use events_core::WireEvent;
use futures::stream::BoxStream;

use crate::Wanted;

/// Events as they are stored, one after another, for those who watch.
pub trait Tail: Send + Sync + 'static {
    /// Goes on after the event whose id is `after`, else begins with the first event that is not
    /// older than the filter's `since`, else with the first that comes. It follows from there,
    /// through what is kept and without a gap into what comes.
    ///
    /// An `after` that is not kept any more, or never was, is [`TailItem::Lagged`] first, and then
    /// the oldest that is kept. Events of tenants that are not wanted are left out behind it, so
    /// it may bring them; subject, type, source and the filter's times are its own to look at.
    ///
    /// The stream is asked ahead of what the client reads, within bounds, and dropped when the
    /// client goes away. It may end when it cannot go on, or once nothing more can come before
    /// the filter's `until`: clients come back with the last id they saw.
    fn follow(&self, wanted: Wanted, after: Option<String>) -> BoxStream<'static, TailItem>;
}

/// What comes of following.
#[derive(Clone, Debug)]
pub enum TailItem {
    /// An event.
    Event {
        /// Its place, to go on after: printable ASCII, at most 512 bytes, such as
        /// `CONSIGN_AUDIT:42`.
        id: String,
        /// The event.
        event: WireEvent,
    },
    /// Events that will not come, since they are not kept any more.
    Lagged {
        /// How many of those wanted, where that is known.
        missed: Option<u64>,
    },
}
