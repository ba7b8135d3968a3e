use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use events_core::subject::Routes;
use sink_dlq::{Config, Dlq, OpenError, Redrive, Spool, SpoolConfig};
use sink_sign::{Mode, PublicKeys, Signer, Verifier};
use tracing::warn;

use crate::exit::{Exit, Failure};
use crate::plan::{Branch, SpoolPlace};
use crate::settings::{self, Settings};

/// What waits for one of the sinks.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    /// Which sink.
    pub(crate) sink: &'static str,
    pub(crate) dlq: Dlq,
    /// Its records' ids are above this.
    pub(crate) ids_after: u64,
}

/// Opens the spool of a chain's branch, repairing what a crash left.
///
/// # Errors
/// [`Exit::Held`] where another process has it, [`Exit::Config`] where its directory cannot be
/// trusted or was written by a newer version, [`Exit::Storage`] where the disk refuses.
pub(crate) fn open(settings: &Settings, place: &SpoolPlace) -> Result<Spool, Failure> {
    let config = SpoolConfig {
        max_bytes: settings.dlq.max_bytes.count(),
        reserve_bytes: RESERVE,
        ids_after: place.ids_after,
        ..SpoolConfig::default()
    };
    open_in(&place.dir, config)
}

/// Says of a spool that no sink of the chain has now, and that holds records all the same: they
/// were not forgotten, and nobody delivers them.
pub(crate) fn tell_of_unused(settings: &Settings, used: &[Branch]) {
    let is_used = |dir: &PathBuf| {
        let mut places = used.iter().filter_map(|branch| branch.spool.as_ref());
        places.any(|place| place.dir == *dir)
    };
    let dirs = [settings.spool_dir(), settings.further_spool_dir()];
    for dir in dirs.iter().filter(|dir| !is_used(dir) && dir.is_dir()) {
        let holds = sink_dlq::read(dir).is_ok_and(|mut records| records.next().is_some());
        if holds {
            let dir = dir.display();
            warn!(%dir, "events wait in a spool that no sink has now: consign dlq ls --dir {dir}");
        }
    }
}

/// Opens the spool in `dir`.
///
/// # Errors
/// As [`open`].
pub(crate) fn open_in(dir: &Path, config: SpoolConfig) -> Result<Spool, Failure> {
    Spool::open(dir, config).map_err(|error| refused(dir, error))
}

/// Why the spool in `dir` cannot be used.
pub(crate) fn refused(dir: &Path, error: OpenError) -> Failure {
    let (exit, advice) = match &error {
        OpenError::Held { .. } => (
            Exit::Held,
            "stop the process that holds it; or ask it, with consign dlq without --dir",
        ),
        OpenError::Unsafe { .. } => (Exit::Config, "make it a directory of this user alone"),
        OpenError::Newer { .. } => (Exit::Config, "run the version that wrote it, or newer"),
        _ => (
            Exit::Storage,
            "make room, or mount the file system read-write",
        ),
    };
    Failure::new(exit, format!("open the spool in {}", dir.display()))
        .because(error)
        .try_next(advice)
}

/// How the chain queues and redrives.
pub(crate) fn config(
    settings: &Settings,
    routes: &Arc<Routes>,
    signer: Option<&Arc<Signer>>,
    keys: Option<PublicKeys>,
    order_patience: Duration,
) -> Config {
    Config {
        routes: Arc::clone(routes),
        verifier: keys.map(verifier),
        signer: signer.cloned(),
        order_patience,
        close_patience: CLOSE_PATIENCE,
        redrive: match settings.dlq.redrive {
            settings::Redrive::Auto => Redrive::Auto,
            settings::Redrive::Manual => Redrive::Manual,
        },
        ..Config::default()
    }
}

/// What a record has to pass before it is redriven.
pub(crate) fn verifier(keys: PublicKeys) -> Verifier {
    Verifier::new(keys, Mode::Strict)
}

/// How long a stop waits for a redrive that is out. One that is given up finds duplicates later.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);

/// Left free on the file system, so that a full one can still be repaired.
const RESERVE: u64 = 64 << 10;
