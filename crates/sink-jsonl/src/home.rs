use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

use crate::OpenError;
use crate::fs::{FileId, FileKind, Fs, Stat};

/// The journal's directory, held by this process alone.
#[derive(Debug)]
pub(crate) struct Home {
    id: FileId,
    /// Keeps the lock for as long as it is open.
    _lock: File,
}

impl Home {
    /// Takes a directory that is there: checks who may write to it, and locks it.
    pub(crate) fn take(fs: &dyn Fs, dir: &Path) -> Result<Self, OpenError> {
        let stat = fs
            .stat(dir)
            .map_err(|source| OpenError::io("find the journal", dir, source))?;
        let distrust = |reason| OpenError::Unsafe {
            path: dir.to_owned(),
            reason,
        };
        match stat.kind {
            FileKind::Directory => {}
            FileKind::SymbolicLink => return Err(distrust("is a symbolic link")),
            FileKind::Regular | FileKind::Other => return Err(distrust("is not a directory")),
        }
        check_owner(&stat).map_err(distrust)?;
        if stat.mode & READABLE_BY_OTHERS != 0 {
            tracing::warn!(
                dir = %dir.display(),
                mode = format_args!("{:o}", stat.mode),
                "others may list the journal's directory"
            );
        }
        Ok(Self {
            id: stat.id,
            _lock: lock(dir)?,
        })
    }

    /// Makes the directory where there is none, and takes it.
    pub(crate) fn make(fs: &dyn Fs, dir: &Path) -> Result<Self, OpenError> {
        match fs.stat(dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs.create_dir(dir)
                    .map_err(|source| OpenError::io("make the journal", dir, source))?;
                let above = dir.parent().filter(|above| !above.as_os_str().is_empty());
                let above = above.unwrap_or(Path::new("."));
                fs.sync_dir(above)
                    .map_err(|source| OpenError::io("sync the directory", above, source))?;
            }
            // Anything else that is wrong with it, `take` finds too, and says.
            Ok(_) | Err(_) => {}
        }
        Self::take(fs, dir)
    }

    /// Whether the directory at the path is still the one that was taken.
    pub(crate) fn is_at(&self, fs: &dyn Fs, dir: &Path) -> io::Result<bool> {
        Ok(fs.stat(dir)?.id == self.id)
    }
}

/// Says what is wrong with a directory or file that others could have put there, or could change.
pub(crate) fn check_owner(stat: &Stat) -> Result<(), &'static str> {
    if stat.owner != rustix::process::geteuid().as_raw() {
        return Err("belongs to another user");
    }
    if stat.mode & WRITABLE_BY_OTHERS != 0 {
        return Err("can be written by others");
    }
    Ok(())
}

/// The lock is on the descriptor, so it goes with the process however that ends. The file holds
/// the process id for whoever is turned away, and proves nothing.
///
/// Opened for reading, so that an idle journal does not keep its file system from being remounted.
fn lock(dir: &Path) -> Result<File, OpenError> {
    let path = dir.join(LOCK_NAME);
    let refused = |source| OpenError::io("lock the journal by", path.clone(), source);
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
    // A full disk must not keep a journal from opening: it has events to show, and room may come.
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

const LOCK_NAME: &str = "LOCK";
const LONGEST_PID: u64 = 32;
const READABLE_BY_OTHERS: u32 = 0o055;
const WRITABLE_BY_OTHERS: u32 = 0o022;
