use std::sync::Arc;

use events_core::{Event, EventSink, EventSinkExt as _, SinkError, WireEvent};
use futures::poll;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};

use super::config::Config;
use super::pending::{Answer, Stored};
use super::progress::Mark;
use super::queue::{Item, Share};

/// Makes batches of what is queued and starts them, until the emitter is gone or stopped.
pub(super) async fn run(
    sink: Arc<dyn EventSink>,
    mut items: mpsc::UnboundedReceiver<Item>,
    mut stopped: watch::Receiver<bool>,
    config: Config,
) {
    let in_flight = Arc::new(Semaphore::new(config.in_flight.max(1)));
    let mut held = None;
    loop {
        // Room for a batch comes first: what arrives while waiting for it joins the batch.
        let slot = tokio::select! {
            slot = in_flight.clone().acquire_owned() => slot,
            _ = stopped.wait_for(|stop| *stop) => return,
        };
        let Ok(slot) = slot else { return };
        let first = match held.take() {
            Some(item) => item,
            None => tokio::select! {
                item = items.recv() => match item {
                    Some(item) => item,
                    None => return,
                },
                _ = stopped.wait_for(|stop| *stop) => return,
            },
        };
        let batch;
        (batch, held) = collect(first, &mut items, &config);
        start(sink.clone(), batch, slot).await;
    }
}

/// The first item and what else is queued, up to the bounds; and the one item too many.
fn collect(
    first: Item,
    items: &mut mpsc::UnboundedReceiver<Item>,
    config: &Config,
) -> (Batch, Option<Item>) {
    let mut bytes = first.share.bytes();
    let mut batch = Batch::default();
    batch.push(first);
    while batch.events.len() < config.batch_events {
        let Ok(item) = items.try_recv() else { break };
        bytes += item.share.bytes();
        if bytes > config.batch_bytes {
            return (batch, Some(item));
        }
        batch.push(item);
    }
    (batch, None)
}

/// Runs a batch in a task of its own, and returns once its delivery has begun, so that batches
/// begin in order. A panic in the sink ends that task alone.
async fn start(sink: Arc<dyn EventSink>, batch: Batch, slot: OwnedSemaphorePermit) {
    let (begun, has_begun) = oneshot::channel();
    tokio::spawn(async move {
        let Batch {
            events,
            mut waiting,
        } = batch;
        let mut wires: Vec<WireEvent> = Vec::with_capacity(events.len());
        let mut sealed = Vec::with_capacity(events.len());
        for (result, waiter) in sink.seal(events).into_iter().zip(waiting.drain(..)) {
            match result {
                Ok(event) => {
                    wires.push(event);
                    sealed.push(waiter);
                }
                Err(error) => waiter.answer(Err(error)),
            }
        }
        let mut delivery = std::pin::pin!(sink.deliver(&wires));
        let first = if wires.is_empty() {
            Some(Vec::new())
        } else {
            match poll!(&mut delivery) {
                std::task::Poll::Ready(results) => Some(results),
                std::task::Poll::Pending => None,
            }
        };
        // Nobody may be listening any more: the dispatcher was stopped meanwhile.
        let _unheard = begun.send(());
        let results = match first {
            Some(results) => results,
            None => delivery.await,
        };
        for ((result, event), waiter) in results.into_iter().zip(&wires).zip(sealed) {
            waiter.answer(result.map(|outcome| Stored {
                event: event.clone(),
                outcome,
            }));
        }
        drop(slot);
    });
    // An error means that the task is over already, by a panic: its waiters were told.
    let _over = has_begun.await;
}

#[derive(Default)]
struct Batch {
    events: Vec<Event>,
    waiting: Vec<Waiter>,
}

impl Batch {
    fn push(&mut self, item: Item) {
        let Item {
            event,
            answer,
            share,
            mark,
        } = item;
        self.events.push(event);
        self.waiting.push(Waiter {
            answer,
            _share: share,
            _mark: mark,
        });
    }
}

/// Whoever waits for an event, and the room it takes until it is answered.
struct Waiter {
    answer: Answer,
    _share: Share,
    _mark: Mark,
}

impl Waiter {
    fn answer(self, result: Result<Stored, SinkError>) {
        // A caller that went away is told nothing; the event is in custody all the same.
        let _unheard = self.answer.send(result);
    }
}
