use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use events_core::EventSink;
use sink_jsonl::read::segments;
use sink_jsonl::{Config, JsonlSink};
use sink_testkit::leaf::{self, Features, LeafUnderTest};

use crate::open;

/// A journal in a directory of its own, with segments so small that most checks rotate.
struct Place {
    above: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let above = tempfile::tempdir().unwrap();
        Self { above }
    }

    fn dir(&self) -> PathBuf {
        self.above.path().join("journal")
    }
}

impl LeafUnderTest for Place {
    async fn open(&mut self) -> Arc<dyn EventSink> {
        let config = Config {
            segment_bytes: 10_000,
            max_event_bytes: LONGEST,
            ..Config::default()
        };
        Arc::new(JsonlSink::new(open(&self.dir(), config)))
    }

    async fn read_back(&mut self) -> Vec<Bytes> {
        let mut lines = Vec::new();
        for segment in segments(&self.dir()).unwrap_or_default() {
            let content = std::fs::read(segment.path).unwrap();
            let whole = content.split_inclusive(|byte| *byte == b'\n');
            // A torn line keeps its form: without a newline it is none of the events sent.
            lines.extend(whole.map(|line| match line.strip_suffix(b"\n") {
                Some(line) => Bytes::copy_from_slice(line),
                None => Bytes::from([line, b"(torn)"].concat()),
            }));
        }
        lines
    }

    async fn cut_off(&mut self) {
        std::fs::rename(self.dir(), self.above.path().join("away")).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal_does_what_every_leaf_must() {
    let features = Features {
        persistent: true,
        ordered: true,
        max_event_bytes: Some(LONGEST),
        unreachable_within: Some(Duration::from_secs(5)),
        ..Features::default()
    };
    leaf::all(Place::new, features).await.unwrap();
}

const LONGEST: usize = 64 << 10;
