//! Results on a thread of their own, so that who reads them slowly does not hold up a connection.

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
        let thread = std::thread::spawn(move || {
            let _ending = ending;
            write(output, waiting)
        });
        Self {
            lines,
            ended,
            thread,
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
        let result = self.thread.join();
        result.unwrap_or_else(|_| Err(Failure::new(Exit::Failed, "write the results")))
    }

    /// Writes what is in hand, unless its reader has stopped reading.
    pub(crate) async fn finish_soon(self) {
        drop(self.lines);
        let _in_time = timeout(SOON, self.ended).await;
    }
}

fn write(mut output: Output, mut waiting: mpsc::Receiver<Line>) -> Result<(), Failure> {
    while let Some(line) = waiting.blocking_recv() {
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
