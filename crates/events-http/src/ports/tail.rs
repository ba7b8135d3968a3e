use async_trait::async_trait;
use events_core::WireEvent;
use futures::stream::BoxStream;

use crate::{HistoryTrouble, Wanted};

/// Events as they are stored, one after another, for those who watch.
#[async_trait]
pub trait Tail: Send + Sync + 'static {
    /// Goes on after the event whose id is `after`, else begins with the first event that is not
    /// older than the filter's `since`, else with the first that comes. It follows from there,
    /// through what is kept and without a gap into what comes. Where that is must be certain once
    /// this returns: what is stored from then on comes. Takes less than
    /// [`answer_timeout`](crate::Limits::answer_timeout).
    ///
    /// An `after` that is not kept any more, or never was, is [`TailItem::Lagged`] first, and then
    /// the oldest that is kept. Events of tenants that are not wanted are left out behind it, so
    /// it may bring them; subject, type, source and the filter's times are its own to look at.
    ///
    /// The stream is asked ahead of what the client reads, within bounds, and dropped when the
    /// client goes away. It may end when it cannot go on, or once nothing more can come before
    /// the filter's `until`: clients come back with the last id they saw.
    ///
    /// # Errors
    /// Why it cannot begin. That what stores the events is away for a while is none: then it begins
    /// with [`TailItem::Destination`].
    async fn follow(
        &self,
        wanted: Wanted,
        after: Option<String>,
    ) -> Result<BoxStream<'static, TailItem>, HistoryTrouble>;
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
    /// An event that is in custody and waits on disk for its destination. It comes once more, as
    /// [`Event`](Self::Event), when it is there. A limit does not count it.
    Spilled {
        /// The event.
        event: WireEvent,
    },
    /// What stores the events went away, or is back. Told where it is away when following begins,
    /// and at each change.
    Destination(Destination),
    /// Events that will not come, since they are not kept any more.
    Lagged {
        /// How many of those wanted, where that is known.
        missed: Option<u64>,
    },
}

/// Whether what stores the events can be reached.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Destination {
    /// It cannot. Events that are accepted meanwhile come as [`TailItem::Spilled`].
    Away,
    /// It can again.
    Back,
}
