use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use events_core::SinkError;
use events_core::subject::SubjectPattern;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use futures::stream::{BoxStream, StreamExt as _};

use super::{Fed, Feed};

/// A feed that brings what it is given, for tests. It holds what was not taken yet without bound.
#[derive(Debug, Default)]
pub struct MemoryFeed {
    followers: Mutex<Vec<(SubjectPattern, UnboundedSender<Fed>)>>,
}

impl MemoryFeed {
    /// Brings `fed` to all who follow: an event to those whose pattern stands for its subject.
    pub fn bring(&self, fed: &Fed) {
        self.followers().retain(|(pattern, follower)| {
            let wanted = match fed {
                Fed::Event(heard) => pattern.matches(heard.subject().as_str()),
                Fed::Break | Fed::Undecodable => true,
            };
            !wanted || follower.unbounded_send(fed.clone()).is_ok()
        });
    }

    /// Ends the stream of everybody who follows.
    pub fn break_off(&self) {
        self.followers().clear();
    }

    /// How many follow now.
    #[must_use]
    pub fn following(&self) -> usize {
        self.followers().len()
    }

    fn followers(&self) -> std::sync::MutexGuard<'_, Vec<(SubjectPattern, UnboundedSender<Fed>)>> {
        self.followers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Feed for MemoryFeed {
    async fn follow(&self, pattern: &SubjectPattern) -> Result<BoxStream<'static, Fed>, SinkError> {
        let (sender, receiver) = unbounded();
        self.followers().push((pattern.clone(), sender));
        Ok(receiver.boxed())
    }
}
