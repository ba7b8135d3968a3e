use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::frame;
use super::queue::{Bounds, Queue, Taken};
use crate::Tenants;
use crate::access::Grant;
use crate::app::App;
use crate::ports::{Following, Observer, TailItem};

/// One client's view of the events, for as long as it watches.
pub(super) struct Watch {
    app: Arc<App>,
    queue: Arc<Queue>,
    stopping: watch::Receiver<bool>,
    greeted: bool,
    grant: Arc<Grant>,
    follower: JoinHandle<()>,
    _place: OwnedSemaphorePermit,
}

/// What is followed, and how far.
pub(super) struct Followed {
    pub(super) events: BoxStream<'static, TailItem>,
    /// What lets the client see them.
    pub(super) grant: Arc<Grant>,
    /// Whose events may be seen.
    pub(super) tenants: Tenants,
    /// The most events, where there is such a number.
    pub(super) limit: Option<usize>,
}

impl Watch {
    /// Begins to follow.
    pub(super) fn begin(app: Arc<App>, place: OwnedSemaphorePermit, followed: Followed) -> Self {
        let queue = Arc::new(Queue::new(Bounds {
            items: app.limits.sse_buffer,
            bytes: app.limits.sse_buffer_bytes,
            patience: app.limits.sse_patience,
        }));
        let observer = Arc::clone(&app.ports.observer);
        observer.following(Following::Began);
        let grant = Arc::clone(&followed.grant);
        let follower = tokio::spawn(follow(followed, Arc::clone(&queue), observer));
        Self {
            stopping: app.stopping.subscribe(),
            app,
            greeted: false,
            grant,
            follower,
            queue,
            _place: place,
        }
    }

    /// What to write next; `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        if !std::mem::replace(&mut self.greeted, true) {
            return Some(frame::HELLO);
        }
        tokio::select! {
            biased;
            // The sender lives as long as the server's state, which this holds.
            _ = self.stopping.wait_for(|stopping| *stopping) => None,
            () = self.app.keyring.revoked(&self.grant) => None,
            taken = self.queue.take(PIECE) => match taken {
                Taken::Items(items) => Some(frame::items(&items)),
                Taken::Overrun => Some(frame::lagged(None)),
                Taken::End => None,
            },
            () = self.app.clients.roll_call() => Some(frame::HEARTBEAT),
            () = sleep(self.app.limits.sse_heartbeat) => Some(frame::HEARTBEAT),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.follower.abort();
        self.app.ports.observer.following(Following::Ended);
    }
}

/// Fills the queue until the events end, or the client turns out to take none.
async fn follow(followed: Followed, queue: Arc<Queue>, observer: Arc<dyn Observer>) {
    let Followed {
        mut events,
        tenants,
        limit,
        grant: _,
    } = followed;
    let queue = Ending(queue);
    let mut left = limit;
    while left != Some(0)
        && let Some(item) = events.next().await
    {
        if let TailItem::Event { event, .. } | TailItem::Spilled { event } = &item
            && !tenants.hold(event.tenant())
        {
            continue;
        }
        if matches!(item, TailItem::Event { .. }) {
            left = left.map(|left| left - 1);
        }
        if queue.0.put(item).await.is_err() {
            tracing::info!("a client of the live tail takes nothing and is dropped");
            observer.following(Following::Dropped);
            return;
        }
    }
}

/// Ends the queue however following it ends, a panic behind the port included.
struct Ending(Arc<Queue>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.end();
    }
}

const PIECE: usize = 64 * 1024;
