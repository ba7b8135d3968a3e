//! What is heard of other processes: the port, and what carries it into a bus.

mod memory;
#[cfg(feature = "nats")]
mod nats;
mod pump;

use async_trait::async_trait;
use events_core::SinkError;
use events_core::subject::SubjectPattern;
use futures::stream::BoxStream;

pub use self::memory::MemoryFeed;
#[cfg(feature = "nats")]
pub use self::nats::{NatsDrops, NatsFeed};
pub(crate) use self::pump::{Carrier, check, pump};
use crate::Heard;

/// Brings events that were published elsewhere: by NATS, by a reader of streams, by a test.
///
/// Implement it over whatever carries the sealed bytes. What signatures are worth there is for the
/// implementor to check; a bus hears whatever the feed brings.
#[async_trait]
pub trait Feed: Send + Sync + 'static {
    /// Begins to bring what is published to the subjects that `pattern` stands for.
    ///
    /// Once this returns, nothing published later is passed over without a [`Fed::Break`]. The
    /// stream ends when it cannot go on; then it is asked for anew.
    ///
    /// # Errors
    /// Why it cannot begin; it is asked again later.
    async fn follow(&self, pattern: &SubjectPattern) -> Result<BoxStream<'static, Fed>, SinkError>;
}

/// What a feed brings.
#[derive(Clone, Debug)]
pub enum Fed {
    /// An event, and the subject it was published to.
    Event(Heard),
    /// Events may have been missed here.
    Break,
    /// A message that is no sealed event. It is counted and logged, and heard by nobody.
    Undecodable,
}
