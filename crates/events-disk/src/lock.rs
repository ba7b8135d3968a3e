use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

use crate::OpenError;

/// The lock is on the descriptor, so it goes with the process however that ends. The file holds
/// the process id for whoever is turned away, and proves nothing.
///
/// Opened for reading, so that an idle holder does not keep its file system from being remounted.
pub(crate) fn lock(dir: &Path) -> Result<File, OpenError> {
    let path = dir.join(NAME);
    let refused = |source| OpenError::io("lock by", path.clone(), source);
    let flags = OFlags::RDONLY | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = rustix::fs::open(&path, flags | OFlags::NONBLOCK, Mode::RUSR | Mode::WUSR)
        .map_err(|error| refused(error.into()))?;
    let file = File::from(file);
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(OpenError::Held {
                dir: dir.to_owned(),
                pid: holder(file),
            });
        }
        Err(TryLockError::Error(error)) => return Err(refused(error)),
    }
    // A full disk must keep nobody out: there are events to show and to deliver, and room may come.
    if let Err(error) = sign(&path) {
        tracing::warn!(path = %path.display(), %error, "cannot note the process id in the lock");
    }
    Ok(file)
}

fn sign(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .truncate(true)
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)?;
    writeln!(file, "{}", std::process::id())
}

fn holder(file: File) -> Option<u32> {
    let mut text = String::new();
    file.take(LONGEST_PID).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

const NAME: &str = "LOCK";
const LONGEST_PID: u64 = 32;
