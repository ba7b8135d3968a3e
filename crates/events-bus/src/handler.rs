use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Weak;
use std::thread;

use futures::executor::block_on;
use futures::future::{AbortHandle, Abortable};
use futures::{FutureExt as _, StreamExt as _};
use tokio::task::coop::consume_budget;
use tracing::error;

use crate::publish::Registry;
use crate::{Item, Subscription};

/// A handler at work. Dropped, it is called no more: an async one is dropped where it waits, a
/// blocking one finishes the call that it is in.
#[derive(Debug)]
#[must_use = "a handler is called no more once this is dropped"]
pub struct Handling(Option<AbortHandle>);

impl Handling {
    /// Lets the handler go on until the bus ends, with nobody to stop it.
    pub fn detach(mut self) {
        self.0 = None;
    }
}

impl Subscription {
    /// Calls `handler` with each item, one after another, in a task of its own.
    ///
    /// A call that panics is counted and logged, and the next item comes all the same. A handler
    /// that never returns holds up itself alone; one that blocks its thread holds up the runtime,
    /// so use [`handle_blocking`](Self::handle_blocking) for those.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub fn handle<F, R>(self, mut handler: F) -> Handling
    where
        F: FnMut(Item) -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let (handle, registration) = AbortHandle::new_pair();
        let registry = self.registry();
        let calls = async move {
            let mut items = self;
            while let Some(item) = items.next().await {
                let call = AssertUnwindSafe(async { handler(item).await });
                if call.catch_unwind().await.is_err() {
                    panicked(&registry, &items);
                }
                // A full queue and a handler that never waits must not keep the thread.
                consume_budget().await;
            }
        };
        tokio::spawn(Abortable::new(calls, registration).map(drop));
        Handling(Some(handle))
    }

    /// Calls `handler` with each item, one after another, on a thread of its own. It may block.
    ///
    /// # Errors
    /// The system has no thread left.
    pub fn handle_blocking(
        self,
        mut handler: impl FnMut(Item) + Send + 'static,
    ) -> io::Result<Handling> {
        let (handle, registration) = AbortHandle::new_pair();
        let registry = self.registry();
        let calls = async move {
            let mut items = self;
            while let Some(item) = items.next().await {
                if catch_unwind(AssertUnwindSafe(|| handler(item))).is_err() {
                    panicked(&registry, &items);
                }
            }
        };
        let calls = Abortable::new(calls, registration).map(drop);
        let thread = thread::Builder::new().name("bus-handler".to_owned());
        thread.spawn(move || block_on(calls))?;
        Ok(Handling(Some(handle)))
    }
}

impl Drop for Handling {
    fn drop(&mut self) {
        if let Some(calls) = &self.0 {
            calls.abort();
        }
    }
}

/// The panic's own text may hold anything, so it is not repeated.
fn panicked(registry: &Weak<Registry>, items: &Subscription) {
    if let Some(registry) = registry.upgrade() {
        registry.counters.panicked.add(1);
    }
    error!(subscription = ?items, "a handler of the bus panicked");
}
