use std::sync::Arc;

use events_core::{ErrorKind, Event, SinkError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

use super::config::Config;
use super::pending::Answer;
use super::progress::Mark;
use super::size::estimate;

/// An accepted event on its way to a batch.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) event: Event,
    pub(super) answer: Answer,
    pub(super) share: Share,
    pub(super) mark: Mark,
}

/// How much an emitter has in its care.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Load {
    /// Events that were accepted and have no answer yet.
    pub events: usize,
    /// About how many bytes they take.
    pub bytes: usize,
}

/// The room an emitter has, in events and in bytes.
#[derive(Debug)]
pub(super) struct Room {
    events: Arc<Semaphore>,
    blocks: Arc<Semaphore>,
    most_events: usize,
    most_blocks: usize,
}

/// An event's part of the room, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Share {
    _event: OwnedSemaphorePermit,
    blocks: OwnedSemaphorePermit,
}

impl Room {
    pub(super) fn new(config: &Config) -> Self {
        let most_events = config.queue_events.clamp(1, Semaphore::MAX_PERMITS);
        let most_blocks = (config.queue_bytes / BLOCK).clamp(1, Semaphore::MAX_PERMITS);
        Self {
            events: Arc::new(Semaphore::new(most_events)),
            blocks: Arc::new(Semaphore::new(most_blocks)),
            most_events,
            most_blocks,
        }
    }

    /// Waits for room, first come first served.
    pub(super) async fn take(&self, event: &Event) -> Result<Share, SinkError> {
        let permit = self
            .events
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| stopped())?;
        let blocks = self
            .blocks
            .clone()
            .acquire_many_owned(self.blocks_of(event))
            .await;
        Ok(Share {
            _event: permit,
            blocks: blocks.map_err(|_| stopped())?,
        })
    }

    /// Takes room where there is some now.
    pub(super) fn try_take(&self, event: &Event) -> Result<Share, SinkError> {
        let refused = |error| match error {
            TryAcquireError::Closed => stopped(),
            TryAcquireError::NoPermits => saturated(),
        };
        let permit = self.events.clone().try_acquire_owned().map_err(refused)?;
        let blocks = self
            .blocks
            .clone()
            .try_acquire_many_owned(self.blocks_of(event));
        Ok(Share {
            _event: permit,
            blocks: blocks.map_err(refused)?,
        })
    }

    pub(super) fn close(&self) {
        self.events.close();
        self.blocks.close();
    }

    pub(super) fn load(&self) -> Load {
        Load {
            events: self.most_events - self.events.available_permits(),
            bytes: (self.most_blocks - self.blocks.available_permits()) * BLOCK,
        }
    }

    /// An event larger than the whole room may have all of it.
    fn blocks_of(&self, event: &Event) -> u32 {
        let blocks = estimate(event).div_ceil(BLOCK).min(self.most_blocks);
        u32::try_from(blocks).unwrap_or(u32::MAX)
    }
}

impl Share {
    /// About how many bytes the event takes.
    pub(super) fn bytes(&self) -> usize {
        self.blocks.num_permits() * BLOCK
    }
}

pub(super) fn saturated() -> SinkError {
    SinkError::new(ErrorKind::Saturated, "find room in the emitter's queue")
}

fn stopped() -> SinkError {
    SinkError::new(ErrorKind::Unavailable, "hand over to a stopped emitter")
}

/// Bytes are counted in blocks, since a semaphore's steps are of 32 bits.
const BLOCK: usize = 1024;
