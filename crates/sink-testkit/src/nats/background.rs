use std::future::Future;
use std::io;
use std::thread::{self, JoinHandle};

use tokio::runtime;
use tokio::sync::oneshot;

/// A task with a thread and a runtime of its own, so that neither a test that blocks nor one
/// that has stopped the clock holds it up. Ends, with all it spawned, when it is dropped.
#[derive(Debug)]
pub(super) struct Background {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    pub(super) fn spawn<F>(task: impl FnOnce() -> F + Send + 'static) -> io::Result<Self>
    where
        F: Future<Output = ()>,
    {
        let runtime = runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let run = move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = async { task().await } => {}
                }
            });
        };
        let thread = thread::Builder::new().name("nats-fake".to_owned());
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread.spawn(run)?),
        })
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // Whatever it panicked with was printed when it did.
            drop(thread.join());
        }
    }
}
