//! Results on a thread of their own, so that who reads them slowly does not hold up a connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use supervisor::exit::{Exit, Failure};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::output::Output;

/// Where lines of results go.
#[derive(Debug)]
pub(crate) struct Writer {
    lines: mpsc::Sender<Line>,
    /// Its other half goes when the thread ends.
    ended: oneshot::Receiver<()>,
    thread: JoinHandle<Result<(), Failure>>,
    /// How many lines it has taken.
    taken: Arc<AtomicU64>,
}

/// A line of results.
#[derive(Debug)]
pub(crate) enum Line {
    Text(String),
    /// An event's JSON.
    Event(Bytes),
    /// Bytes as they are.
    Raw(Bytes),
}

/// What became of a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Put {
    Taken,
    /// There was no room for it.
    Full,
    /// Nothing can be written any more.
    Closed,
}

impl Writer {
    /// Writes as `output` does, with room for so many lines that are not written yet.
    pub(crate) fn start(output: &Output, room: usize) -> Self {
        let output = output.clone();
        let (lines, waiting) = mpsc::channel(room);
        let (ending, ended) = oneshot::channel();
        let taken = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&taken);
        let thread = std::thread::spawn(move || {
            let _ending = ending;
            write(output, waiting, &counted)
        });
        Self {
            lines,
            ended,
            thread,
            taken,
        }
    }

    /// Hands over a line, once there is room.
    ///
    /// # Cancel safety
    /// The line is handed over, or not at all.
    pub(crate) async fn put(&self, line: Line) -> Put {
        match self.lines.send(line).await {
            Ok(()) => Put::Taken,
            Err(_) => Put::Closed,
        }
    }

    /// Hands over a line if there is room.
    pub(crate) fn try_put(&self, line: Line) -> Put {
        match self.lines.try_send(line) {
            Ok(()) => Put::Taken,
            Err(TrySendError::Full(_)) => Put::Full,
            Err(TrySendError::Closed(_)) => Put::Closed,
        }
    }

    /// Waits until everything is written.
    pub(crate) async fn finish(self) -> Result<(), Failure> {
        drop(self.lines);
        // It is never sent to, and ends with the thread.
        let _ended = self.ended.await;
        joined(self.thread)
    }

    /// Waits until everything is written, as long as somebody reads it. `tell` is told that this
    /// takes a while.
    ///
    /// # Errors
    /// It cannot be written, or nothing was read for a long time, and then the rest is lost.
    pub(crate) async fn finish_while_read(
        mut self,
        tell: impl FnOnce(&str),
    ) -> Result<(), Failure> {
        drop(self.lines);
        let mut tell = Some(tell);
        let (mut taken, mut looks) = (self.taken.load(Ordering::Relaxed), 0);
        while timeout(LOOK, &mut self.ended).await.is_err() {
            let now = self.taken.load(Ordering::Relaxed);
            looks = if now == taken { looks + 1 } else { 0 };
            taken = now;
            if let Some(tell) = tell.take_if(|_| looks > 0) {
                tell("waiting for who reads the results; Ctrl-C ends it");
            }
            if looks >= LOOKS {
                return Err(Failure::new(Exit::Failed, "write the last results")
                    .because("who should read them has stopped reading, so they are lost"));
            }
        }
        joined(self.thread)
    }

    /// Writes what is in hand, unless its reader has stopped reading.
    pub(crate) async fn finish_soon(self) {
        drop(self.lines);
        let _in_time = timeout(SOON, self.ended).await;
    }
}

fn joined(thread: JoinHandle<Result<(), Failure>>) -> Result<(), Failure> {
    let result = thread.join();
    result.unwrap_or_else(|_| Err(Failure::new(Exit::Failed, "write the results")))
}

fn write(
    mut output: Output,
    mut waiting: mpsc::Receiver<Line>,
    taken: &AtomicU64,
) -> Result<(), Failure> {
    while let Some(line) = waiting.blocking_recv() {
        taken.fetch_add(1, Ordering::Relaxed);
        match line {
            Line::Text(text) => output.line(&text)?,
            Line::Event(json) => output.event(&json)?,
            Line::Raw(bytes) => output.bytes(&bytes)?,
        }
    }
    Ok(())
}

/// How long a reader is given for the last lines.
const SOON: Duration = Duration::from_millis(500);
/// How often it is looked whether somebody reads, and how often in vain before it is given up.
const LOOK: Duration = Duration::from_secs(1);
const LOOKS: u32 = 10;
