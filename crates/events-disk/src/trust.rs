use std::io;
use std::path::Path;

use crate::{FileKind, Fs, OpenError, Stat};

/// Makes a directory for its owner alone where there is none, with its name on the disk, and
/// checks it like one that was there. The missing ones above it are made too.
///
/// # Errors
/// Where others could have made or could change what stands there, or the file system refuses.
pub fn make_dir(fs: &dyn Fs, dir: &Path) -> Result<Stat, OpenError> {
    match fs.stat(dir) {
        Ok(stat) => return judge_dir(dir, stat),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(OpenError::io("find", dir, error)),
    }
    fs.create_dir(dir)
        .map_err(|source| OpenError::io("make the directory", dir, source))?;
    let above = dir.parent().filter(|above| !above.as_os_str().is_empty());
    let above = above.unwrap_or(Path::new("."));
    fs.sync_dir(above)
        .map_err(|source| OpenError::io("sync the directory", above, source))?;
    check_dir(fs, dir)
}

/// Refuses what stands at `path` unless it is a regular file that others could not have put there
/// and cannot change. A file that they can read passes.
///
/// # Errors
/// [`OpenError::Unsafe`], with what is wrong with it.
pub fn check_file(path: &Path, stat: &Stat) -> Result<(), OpenError> {
    match stat.kind {
        FileKind::Regular => check_owner(path, stat),
        FileKind::SymbolicLink => Err(distrust(path, "is a symbolic link")),
        FileKind::Directory | FileKind::Other => Err(distrust(path, "is no regular file")),
    }
}

/// The same for a directory that is there.
pub(crate) fn check_dir(fs: &dyn Fs, dir: &Path) -> Result<Stat, OpenError> {
    let stat = fs.stat(dir);
    judge_dir(
        dir,
        stat.map_err(|source| OpenError::io("find", dir, source))?,
    )
}

fn judge_dir(dir: &Path, stat: Stat) -> Result<Stat, OpenError> {
    match stat.kind {
        FileKind::Directory => {}
        FileKind::SymbolicLink => return Err(distrust(dir, "is a symbolic link")),
        FileKind::Regular | FileKind::Other => return Err(distrust(dir, "is not a directory")),
    }
    check_owner(dir, &stat)?;
    if stat.mode & READABLE_BY_OTHERS != 0 {
        let mode = format_args!("{:o}", stat.mode);
        tracing::warn!(dir = %dir.display(), mode, "others may list the directory");
    }
    Ok(stat)
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

const READABLE_BY_OTHERS: u32 = 0o055;
const WRITABLE_BY_OTHERS: u32 = 0o022;
