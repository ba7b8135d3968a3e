//! `consign verify` over what a chain stored: honest, tampered with, and nothing at all.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use events_core::{ErrorKind, Event, EventSinkExt as _, MemorySink, WireEvent};
use sink_dlq::{Area, Cause, Entry, Spool, SpoolConfig};
use sink_sign::{Config, PublicKeys, SignSink, Signer, SigningKey};

/// A record of five events sent one after another, and the keys it verifies with.
struct Record {
    dir: tempfile::TempDir,
    lines: Vec<Vec<u8>>,
}

impl Record {
    fn make() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = SigningKey::generate().unwrap();
        fs::write(dir.path().join("keys.json"), PublicKeys::of(&key).to_jwks()).unwrap();
        let memory = MemorySink::default();
        let signer = Arc::new(Signer::new(Arc::new(key), Config::default()));
        let chain = SignSink::new(memory.clone(), signer);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        for id in 0..5 {
            let event = Event::builder(&id.to_string(), "/test", "test.made")
                .extension(
                    "traceparent",
                    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                )
                .json(r#"{"n": 1.10, "text": "hello"}"#)
                .build()
                .unwrap();
            assert!(runtime.block_on(chain.send(event)).is_ok());
        }
        let lines = memory
            .events()
            .iter()
            .map(|event| event.bytes().to_vec())
            .collect();
        Self { dir, lines }
    }

    /// Writes `lines` as a journal and verifies it.
    fn verify(&self, lines: &[Vec<u8>], arguments: &[&str]) -> Output {
        let mut text = lines.join(&b'\n');
        text.push(b'\n');
        fs::create_dir_all(self.journal()).unwrap();
        fs::write(self.journal().join("00000000000000000001.jsonl"), text).unwrap();
        consign(
            self.dir.path(),
            &[&["verify", "journal", "--keys", "keys.json"], arguments].concat(),
        )
    }

    fn journal(&self) -> PathBuf {
        self.dir.path().join("journal")
    }
}

fn consign(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_consign"));
    command
        .env_clear()
        .current_dir(dir)
        .args(arguments)
        .output()
        .unwrap()
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

#[test]
fn an_honest_record_exits_0() {
    let record = Record::make();
    let output = record.verify(&record.lines, &["--strict-order"]);
    assert_eq!(code(&output), Some(0), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("verified 5 "), "{said}");
}

#[test]
fn a_changed_byte_exits_3() {
    let record = Record::make();
    let line = &record.lines[2];
    let text = String::from_utf8(line.clone()).unwrap();
    let trace = text.find("00-0af7").unwrap();
    let trace = trace..trace + 55;
    // Every byte is changed in sink-sign's own tests; here each change starts a process.
    for at in (0..line.len()).step_by(41).filter(|at| !trace.contains(at)) {
        let mut lines = record.lines.clone();
        lines[2][at] ^= 1;
        let output = record.verify(&lines, &[]);
        assert_eq!(code(&output), Some(3), "byte {at}: {output:?}");
    }
    let mut lines = record.lines.clone();
    lines[2][trace.start] = b'1';
    assert_eq!(
        code(&record.verify(&lines, &[])),
        Some(0),
        "the trace is not signed"
    );
}

#[test]
fn removed_doubled_and_exchanged_lines_exit_3() {
    let record = Record::make();
    for removed in 1..4 {
        let mut lines = record.lines.clone();
        lines.remove(removed);
        assert_eq!(
            code(&record.verify(&lines, &[])),
            Some(3),
            "line {removed} removed"
        );
    }
    for doubled in 0..5 {
        let mut lines = record.lines.clone();
        lines.insert(doubled, lines[doubled].clone());
        assert_eq!(
            code(&record.verify(&lines, &[])),
            Some(3),
            "line {doubled} doubled"
        );
    }
    for exchanged in 0..4 {
        let mut lines = record.lines.clone();
        lines.swap(exchanged, exchanged + 1);
        assert_eq!(
            code(&record.verify(&lines, &[])),
            Some(0),
            "line {exchanged} exchanged"
        );
        let strict = record.verify(&lines, &["--strict-order"]);
        assert_eq!(
            code(&strict),
            Some(3),
            "line {exchanged} exchanged, strictly"
        );
    }
}

#[test]
fn a_data_directory_stands_for_its_journal() {
    let record = Record::make();
    record.verify(&record.lines, &[]);
    let output = consign(record.dir.path(), &["verify", ".", "--keys", "keys.json"]);
    assert_eq!(code(&output), Some(0), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("verified 5 "), "{said}");
}

#[test]
fn nothing_to_verify_exits_3_and_missing_keys_1() {
    let record = Record::make();
    assert_eq!(code(&record.verify(&[], &[])), Some(3));
    let output = consign(
        record.dir.path(),
        &["verify", "journal", "--keys", "none.json"],
    );
    assert_eq!(code(&output), Some(1), "{output:?}");
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("try: "),
        "{output:?}"
    );
}

#[test]
fn a_report_for_programs_is_one_json_document() {
    let record = Record::make();
    let output = record.verify(&record.lines, &["-o", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["verified"], &report["findings"]),
        (&5.into(), &0.into())
    );
}

#[test]
fn what_waits_in_a_spool_is_judged_with_what_is_stored() {
    let record = Record::make();
    let mut stored = record.lines.clone();
    let waiting = stored.remove(2);
    assert_eq!(record.verify(&stored, &[]).status.code(), Some(3), "a hole");
    let dir = record.dir.path().join("spool");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let spool = Spool::open(&dir, SpoolConfig::default()).unwrap();
    let entry = Entry {
        event: WireEvent::from_bytes(waiting.into()).unwrap(),
        subject: "consign.events.single.test.made".into(),
        cause: Cause::new(ErrorKind::Unavailable, "no broker", UNIX_EPOCH),
    };
    for result in runtime.block_on(spool.append(Area::Waiting, vec![entry])) {
        result.unwrap();
    }
    // In use, as it would be by a supervisor.
    let whole = record.verify(&stored, &["spool"]);
    assert_eq!(whole.status.code(), Some(0), "{whole:?}");
    let as_one = consign(record.dir.path(), &["verify", ".", "--keys", "keys.json"]);
    assert_eq!(as_one.status.code(), Some(0), "{as_one:?}");
    drop(spool);
    let segment = fs::read_dir(dir.join("waiting")).unwrap();
    let segment = segment
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|end| end == "seg"))
        .unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    let at = bytes.windows(5).position(|bytes| bytes == b"hello");
    bytes[at.unwrap()] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let damaged = record.verify(&stored, &["spool"]);
    assert_eq!(damaged.status.code(), Some(3), "{damaged:?}");
}
