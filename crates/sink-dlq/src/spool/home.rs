use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

use super::OpenError;
use super::fs::{FileKind, Fs, Stat};

/// Makes the spool's directory where there is none, checks who may write to it, and takes its
/// lock, which lasts as long as the file is open.
pub(crate) fn take(fs: &dyn Fs, dir: &Path) -> Result<File, OpenError> {
    make_dir(fs, dir)?;
    lock(dir)
}

/// Makes a directory where there is none, and checks it.
pub(crate) fn make_dir(fs: &dyn Fs, dir: &Path) -> Result<(), OpenError> {
    match fs.stat(dir) {
        Ok(stat) => return check_dir(dir, &stat),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(OpenError::io("find the spool's", dir, error)),
    }
    fs.create_dir(dir)
        .map_err(|source| OpenError::io("make the spool's", dir, source))?;
    let above = dir.parent().filter(|above| !above.as_os_str().is_empty());
    let above = above.unwrap_or(Path::new("."));
    fs.sync_dir(above)
        .map_err(|source| OpenError::io("sync the directory", above, source))?;
    let stat = fs.stat(dir);
    let stat = stat.map_err(|source| OpenError::io("find the spool's", dir, source))?;
    check_dir(dir, &stat)
}

/// Refuses a file that others could have put there, or could change.
pub(crate) fn check_file(path: &Path, stat: &Stat) -> Result<(), OpenError> {
    match stat.kind {
        FileKind::Regular => check_owner(path, stat),
        FileKind::SymbolicLink => Err(distrust(path, "is a symbolic link")),
        FileKind::Directory | FileKind::Other => Err(distrust(path, "is no regular file")),
    }
}

fn check_dir(dir: &Path, stat: &Stat) -> Result<(), OpenError> {
    match stat.kind {
        FileKind::Directory => {}
        FileKind::SymbolicLink => return Err(distrust(dir, "is a symbolic link")),
        FileKind::Regular | FileKind::Other => return Err(distrust(dir, "is not a directory")),
    }
    check_owner(dir, stat)?;
    if stat.mode & READABLE_BY_OTHERS != 0 {
        let mode = format_args!("{:o}", stat.mode);
        tracing::warn!(dir = %dir.display(), mode, "others may list the spool's directory");
    }
    Ok(())
}

fn check_owner(path: &Path, stat: &Stat) -> Result<(), OpenError> {
    if stat.owner != rustix::process::geteuid().as_raw() {
        return Err(distrust(path, "belongs to another user"));
    }
    if stat.mode & WRITABLE_BY_OTHERS != 0 {
        return Err(distrust(path, "can be written by others"));
    }
    Ok(())
}

fn distrust(path: &Path, reason: &'static str) -> OpenError {
    let path = path.to_owned();
    OpenError::Unsafe { path, reason }
}

/// The lock is on the descriptor, so it goes with the process however that ends. The file holds
/// the process id for whoever is turned away, and proves nothing.
fn lock(dir: &Path) -> Result<File, OpenError> {
    let path = dir.join(LOCK_NAME);
    let refused = |source| OpenError::io("lock the spool by", path.clone(), source);
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
    // A full disk must not keep a spool from opening: it has events to deliver.
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
