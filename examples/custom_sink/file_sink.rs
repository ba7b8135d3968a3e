//! The sink: one event a line, appended to one file.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::{fmt, io};

use async_trait::async_trait;
use events_core::{Draft, ErrorKind, EventSink, Outcome, Place, SinkError, WireEvent};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

/// Holds nothing after a failure: an fsync that failed says yes the next time, whatever was lost,
/// so only opening the file again tells what is there.
#[derive(Debug)]
pub(crate) struct FileSink(Arc<Mutex<Option<Tail>>>);

/// The file, open, and where its next line begins.
#[derive(Debug)]
struct Tail {
    file: File,
    name: String,
    end: u64,
}

impl FileSink {
    /// Opens the file at `path`, or creates it.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::options().create(true).append(true).open(path)?;
        // A last line without its end was never acknowledged.
        let newline = fs::read(path)?.iter().rposition(|byte| *byte == b'\n');
        let end = newline.map_or(0, |at| at as u64 + 1);
        file.set_len(end)?;
        file.sync_all()?;
        // A new file is there for good when its directory is.
        File::open(path.canonicalize()?.parent().unwrap_or(path))?.sync_all()?;
        let name = path.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        Ok(Self(Arc::new(Mutex::new(Some(Tail { file, name, end })))))
    }
}

#[async_trait]
impl EventSink for FileSink {
    fn prepare(&self, _drafts: &mut [Draft]) {}

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        let mut held = Arc::clone(&self.0).lock_owned().await;
        // The lock and the events go along: a caller who leaves stops no write halfway.
        let batch = events.to_vec();
        let stored = spawn_blocking(move || {
            let failed_before = || io::Error::other("a write to it failed before");
            let mut tail = held.take().ok_or_else(failed_before)?;
            let outcomes = tail.append(&batch)?;
            *held = Some(tail);
            Ok(outcomes)
        });
        let panicked = |_| Err(io::Error::other("it panicked"));
        match stored.await.unwrap_or_else(panicked) {
            Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
            Err(cause) => {
                let error = SinkError::caused(ErrorKind::Unavailable, "append to the file", cause);
                events.iter().map(|_| Err(error.clone())).collect()
            }
        }
    }
}

impl fmt::Display for FileSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("file")
    }
}

impl Tail {
    /// One write and one fsync. Outcomes come last: they settle the numbers of the events.
    fn append(&mut self, events: &[WireEvent]) -> io::Result<Vec<Outcome>> {
        let lines = events.iter().flat_map(|event| [event.bytes(), &b"\n"[..]]);
        let written = self.file.write_all(&lines.collect::<Vec<_>>().concat());
        let written = written.and_then(|()| self.file.sync_data());
        // What is refused must not stay behind.
        written.inspect_err(|_| drop(self.file.set_len(self.end)))?;
        let place = |event: &WireEvent| {
            let (segment, offset) = (self.name.clone(), self.end);
            self.end += event.bytes().len() as u64 + 1;
            Outcome::delivered(event, Place::Journal { segment, offset })
        };
        Ok(events.iter().map(place).collect())
    }
}
