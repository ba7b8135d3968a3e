use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use events_core::EventSink;
use sink_store::{Config, Store, StoreSink};
use sink_testkit::leaf::{self, Features, LeafUnderTest};

use crate::{file, wires};

#[tokio::test]
async fn a_file_does_what_every_leaf_must() {
    leaf::all(File::new, features()).await.unwrap();
}

pub(crate) fn features() -> Features {
    Features {
        persistent: true,
        dedupes: true,
        ordered: true,
        max_event_bytes: Some(LONGEST),
        unreachable_within: Some(Duration::from_secs(5)),
        ..Features::default()
    }
}

pub(crate) fn sink(url: &str) -> Arc<dyn EventSink> {
    let config = Config {
        max_event_bytes: LONGEST,
        deadline: Duration::from_secs(2),
        ..Config::default()
    };
    Arc::new(StoreSink::new(
        Store::open(url.parse().unwrap(), config).unwrap(),
    ))
}

struct File {
    dir: tempfile::TempDir,
    /// Another program that keeps the file to itself.
    other: Option<rusqlite::Connection>,
}

impl File {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { dir, other: None }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("store.sqlite")
    }
}

impl LeafUnderTest for File {
    async fn open(&mut self) -> Arc<dyn EventSink> {
        sink(&file(self.dir.path()))
    }

    async fn read_back(&mut self) -> Vec<Bytes> {
        wires(&self.path()).into_iter().map(Bytes::from).collect()
    }

    async fn cut_off(&mut self) {
        let other = rusqlite::Connection::open(self.path()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        self.other = Some(other);
    }
}

const LONGEST: usize = 64 << 10;
