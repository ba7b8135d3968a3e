use std::path::Path;

use sink_jsonl::{Config, Journal, OpenError};

use crate::exit::{Exit, Failure};
use crate::settings::Settings;

/// Opens the journal, repairing what a crash left.
///
/// # Errors
/// [`Exit::Held`] where another process has it, [`Exit::Config`] where its directory cannot be
/// trusted, [`Exit::Storage`] where the disk refuses.
pub(crate) fn open(settings: &Settings) -> Result<Journal, Failure> {
    open_in(&settings.journal_dir(), config(settings))
}

/// Opens the journal in `dir` that mirrors what goes elsewhere.
///
/// # Errors
/// As [`open`].
pub(crate) fn mirror(settings: &Settings, dir: &Path) -> Result<Journal, Failure> {
    let mut config = config(settings);
    if let Some(bytes) = settings.journal.mirror_rotate_bytes {
        config.segment_bytes = bytes.count();
    }
    open_in(dir, config)
}

fn config(settings: &Settings) -> Config {
    Config {
        max_bytes: settings.journal.max_bytes.count(),
        max_age: settings.journal.max_age,
        max_event_bytes: settings.max_event_bytes.as_len() + SEALING,
        reserve_bytes: RESERVE,
        ..Config::default()
    }
}

fn open_in(dir: &Path, config: Config) -> Result<Journal, Failure> {
    Journal::open(dir, config).map_err(|error| {
        let (exit, advice) = match &error {
            OpenError::Held { .. } => (Exit::Held, "stop the process that holds it"),
            OpenError::Unsafe { .. } => (Exit::Config, "make it a directory of this user alone"),
            _ => (
                Exit::Storage,
                "make room, or mount the file system read-write",
            ),
        };
        Failure::new(exit, format!("open the journal in {}", dir.display()))
            .because(error)
            .try_next(advice)
    })
}

/// What sealing may add to an event: redaction marks and the signature's attributes.
pub(crate) const SEALING: usize = 64 << 10;

/// Left free on the file system, so that a full one can still be repaired.
const RESERVE: u64 = 64 << 10;
