//! A sink of one's own, and the suite that every leaf passes, run over it:
//! `cargo run --example custom_sink`

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod file_sink;

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use events_core::EventSink;
use sink_testkit::leaf::{self, Features, LeafUnderTest};
use tempfile::TempDir;

use crate::file_sink::FileSink;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // What the sink promises is checked, what it does not promise is not: it stores an event that
    // comes twice twice, and takes events of any length.
    let features = Features {
        persistent: true,
        ordered: true,
        ..Features::default()
    };
    leaf::all(Home::new, features).await?;
    println!("the file sink does what every leaf must");
    Ok(())
}

/// A directory of its own for each check. What goes wrong here panics, and fails that check.
struct Home(TempDir);

#[expect(clippy::expect_used, reason = "a check that panics has failed")]
impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory for temporary files"))
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("events.jsonl")
    }
}

#[expect(clippy::expect_used, reason = "a check that panics has failed")]
impl LeafUnderTest for Home {
    async fn open(&mut self) -> Arc<dyn EventSink> {
        Arc::new(FileSink::open(&self.file()).expect("a file that opens"))
    }

    async fn read_back(&mut self) -> Vec<Bytes> {
        let text = fs::read(self.file()).expect("a file that can be read");
        let lines = text.split_inclusive(|byte| *byte == b'\n');
        // A line without its end is torn, and must not pass for the event it began as.
        let record = |line: &[u8]| match line.strip_suffix(b"\n") {
            Some(event) => Bytes::copy_from_slice(event),
            None => Bytes::from([line, b"(torn)"].concat()),
        };
        lines.map(record).collect()
    }
}
