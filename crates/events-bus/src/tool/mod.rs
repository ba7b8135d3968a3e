mod run;

use std::fmt;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use events_core::{ErrorKind, Outcome, SinkError};
use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tracing::error;

pub use self::run::ToolRun;
use crate::{Bus, Lifecycle, Origin, ToolStarted};

/// A tool whose runs tell of themselves: started, stopped, crashed, and how often before.
///
/// A host keeps one for each tool; clones share everything. What is told goes through the bus in
/// tasks of its own, one event after another, so a caller that goes away leaves nothing untold.
#[derive(Clone)]
pub struct Tool {
    tool: Arc<State>,
}

struct State {
    bus: Bus,
    origin: Origin,
    name: Box<str>,
    starts: AtomicU64,
    /// Completes once all is told that was to be told so far.
    last: Mutex<Option<Shared<BoxFuture<'static, ()>>>>,
}

impl Tool {
    /// The tool `name`, of whose runs `bus` is told, as from `origin`.
    #[must_use]
    pub fn new(bus: Bus, origin: Origin, name: &str) -> Self {
        Self {
            tool: Arc::new(State {
                bus,
                origin,
                name: name.into(),
                starts: AtomicU64::new(0),
                last: Mutex::new(None),
            }),
        }
    }

    /// Starts a run, and says so.
    ///
    /// The run is there whatever becomes of the event: that is [its](ToolRun::started) to say.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub async fn start(&self) -> ToolRun {
        let restarts = self.tool.starts.fetch_add(1, Ordering::Relaxed);
        let started = ToolStarted {
            tool: self.name().to_owned(),
        };
        let runtime = Handle::current();
        // The guard is there before anything is waited for.
        let mut run = ToolRun::new(self.clone(), runtime.clone(), restarts);
        run.set_started(answer(self.tell(&runtime, &started)).await);
        run
    }

    /// Runs `work` from start to end: `Ok` is stopped, `Err` and a panic are crashed. A panic goes
    /// on once it is told.
    ///
    /// The words of a panic are data here, and redacted like any. The process's panic hook saw them
    /// before, and the default one writes them to standard error as they are: a host whose panics
    /// may hold secrets sets one of its own (`std::panic::set_hook`).
    ///
    /// # Errors
    /// Those of `work`.
    ///
    /// # Panics
    /// Where `work` does, and outside a Tokio runtime.
    ///
    /// # Cancel safety
    /// Dropped, the work is, and the run is told to be stopped.
    pub async fn run<T, E: fmt::Display>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let run = self.start().await;
        let done = AssertUnwindSafe(work).catch_unwind().await;
        // What could not be told is logged where it failed.
        match done {
            Ok(Ok(value)) => {
                run.stopped("done").await.ok();
                Ok(value)
            }
            Ok(Err(error)) => {
                run.crashed(&error.to_string()).await.ok();
                Err(error)
            }
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
                let text = text.unwrap_or(PANICKED).to_owned();
                run.crashed(&text).await.ok();
                resume_unwind(panic)
            }
        }
    }

    /// The tool's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.tool.name
    }

    /// Waits until all that was to be told so far is told, or failed.
    ///
    /// # Cancel safety
    /// Dropped, it is told all the same.
    pub async fn settled(&self) {
        let last = self.last().clone();
        if let Some(last) = last {
            last.await;
        }
    }

    /// Emits an event behind those before it, whatever becomes of the caller.
    fn tell(&self, runtime: &Handle, data: &impl Lifecycle) -> Told {
        let (sender, receiver) = oneshot::channel();
        let event = self.tool.origin.event(data).map_err(SinkError::invalid);
        let bus = self.tool.bus.clone();
        let mut last = self.last();
        let before = last.take();
        let telling = runtime.spawn(async move {
            if let Some(before) = before {
                before.await;
            }
            let result = match event {
                Ok(event) => bus.emit(event).await,
                Err(error) => Err(error),
            };
            if let Err(error) = &result {
                error!(?error, "what became of a tool could not be told");
            }
            // A caller that went away needs no answer.
            drop(sender.send(result));
        });
        *last = Some(telling.map(drop).boxed().shared());
        receiver
    }

    fn last(&self) -> MutexGuard<'_, Option<Shared<BoxFuture<'static, ()>>>> {
        self.tool
            .last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let starts = self.tool.starts.load(Ordering::Relaxed);
        write!(f, "Tool({starts} starts)")
    }
}

/// Brings what becomes of an event.
type Told = oneshot::Receiver<Result<Outcome, SinkError>>;

/// What came of telling.
async fn answer(told: Told) -> Result<Outcome, SinkError> {
    told.await.unwrap_or_else(|_| {
        let doing = "tell what became of a tool before the runtime ended";
        Err(SinkError::new(ErrorKind::Unavailable, doing))
    })
}

/// What is said of a panic whose own text is not known.
const PANICKED: &str = "panicked";
