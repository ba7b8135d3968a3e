use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

use crate::ports::TailItem;

/// What waits for one client, bounded in events and bytes, between the one who follows the events
/// and the one who writes them.
///
/// A client that is merely slower than the events keeps its place: who follows waits for it. One
/// that takes nothing at all for a while loses what is held for it, and is told.
#[derive(Debug)]
pub(super) struct Queue {
    bounds: Bounds,
    state: Mutex<State>,
    filled: Notify,
    emptied: Notify,
}

/// How much waits for one client at the most, and how long it may take nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) items: usize,
    pub(super) bytes: usize,
    pub(super) patience: Duration,
}

/// What comes out of a queue.
#[derive(Debug)]
pub(super) enum Taken {
    /// The next items, one at least.
    Items(Vec<TailItem>),
    /// The client was too slow. The end comes next.
    Overrun,
    /// There is nothing more.
    End,
}

/// The client takes nothing, and what was held for it is gone.
#[derive(Debug)]
pub(super) struct Overrun;

#[derive(Debug, Default)]
struct State {
    items: VecDeque<TailItem>,
    bytes: usize,
    /// How often something was taken.
    takes: u64,
    ended: bool,
    overrun: bool,
}

impl Queue {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            state: Mutex::default(),
            filled: Notify::new(),
            emptied: Notify::new(),
        }
    }

    /// Adds an item, once there is room.
    pub(super) async fn put(&self, item: TailItem) -> Result<(), Overrun> {
        let size = size(&item);
        let mut item = Some(item);
        loop {
            let takes = {
                let mut state = self.state();
                if self.has_room(&state, size) {
                    state.items.extend(item.take());
                    state.bytes += size;
                    self.filled.notify_one();
                    return Ok(());
                }
                state.takes
            };
            let waited = timeout(self.bounds.patience, self.emptied.notified()).await;
            let mut state = self.state();
            if waited.is_err() && state.takes == takes {
                state.items = VecDeque::new();
                state.bytes = 0;
                state.overrun = true;
                state.ended = true;
                self.filled.notify_one();
                return Err(Overrun);
            }
        }
    }

    /// Says that nothing more will be put in.
    pub(super) fn end(&self) {
        self.state().ended = true;
        self.filled.notify_one();
    }

    /// Waits for what comes next, and takes along what is there already, up to `bytes` or a
    /// little more.
    ///
    /// # Cancel safety
    /// Nothing is taken unless the future completes.
    pub(super) async fn take(&self, bytes: usize) -> Taken {
        loop {
            if let Some(taken) = self.take_now(bytes) {
                return taken;
            }
            self.filled.notified().await;
        }
    }

    fn take_now(&self, most: usize) -> Option<Taken> {
        let mut state = self.state();
        if std::mem::take(&mut state.overrun) {
            return Some(Taken::Overrun);
        }
        let mut items = Vec::new();
        let mut bytes = 0;
        while bytes < most
            && let Some(item) = state.items.pop_front()
        {
            bytes += size(&item);
            items.push(item);
        }
        if items.is_empty() {
            return state.ended.then_some(Taken::End);
        }
        state.bytes = state.bytes.saturating_sub(bytes);
        state.takes += 1;
        self.emptied.notify_one();
        Some(Taken::Items(items))
    }

    fn has_room(&self, state: &State, size: usize) -> bool {
        let fits = state.items.len() < self.bounds.items
            && state.bytes.saturating_add(size) <= self.bounds.bytes;
        fits || state.items.is_empty()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn size(item: &TailItem) -> usize {
    match item {
        TailItem::Event { id, event } => id.len() + event.bytes().len(),
        TailItem::Spilled { event } => event.bytes().len(),
        TailItem::Destination(_) | TailItem::Lagged { .. } => 0,
    }
}
