use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use events_core::subject::Routes;
use sink_dlq::{Config, OpenError, Redrive, Spool, SpoolConfig};
use sink_sign::{Mode, Signer, Verifier};

use crate::broker;
use crate::exit::{Exit, Failure};
use crate::settings::{self, DlqMode, Settings};

/// Opens the spool, repairing what a crash left; none where the settings want none.
///
/// # Errors
/// [`Exit::Held`] where another process has it, [`Exit::Config`] where its directory cannot be
/// trusted or was written by a newer version, [`Exit::Storage`] where the disk refuses.
pub(crate) fn open(settings: &Settings) -> Result<Option<Spool>, Failure> {
    if settings.dlq.mode == DlqMode::Off {
        return Ok(None);
    }
    let dir = settings.spool_dir();
    let config = SpoolConfig {
        max_bytes: settings.dlq.max_bytes.count(),
        reserve_bytes: RESERVE,
        ..SpoolConfig::default()
    };
    open_in(&dir, config).map(Some)
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
    keys: Option<sink_sign::PublicKeys>,
) -> Config {
    let jetstream = broker::config(settings);
    Config {
        routes: Arc::clone(routes),
        verifier: keys.map(|keys| Verifier::new(keys, Mode::Strict)),
        signer: signer.cloned(),
        // Longer than any delivery takes, or a later one of the subject could be first on disk.
        order_patience: jetstream.longest_answer() + Duration::from_secs(1),
        close_patience: CLOSE_PATIENCE,
        redrive: match settings.dlq.redrive {
            settings::Redrive::Auto => Redrive::Auto,
            settings::Redrive::Manual => Redrive::Manual,
        },
        ..Config::default()
    }
}

/// How long a stop waits for a redrive that is out. One that is given up finds duplicates later.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);

/// Left free on the file system, so that a full one can still be repaired.
const RESERVE: u64 = 64 << 10;
