use std::fs::File;
use std::io;
use std::path::Path;

use crate::lock::lock;
use crate::trust::{check_dir, make_dir};
use crate::{FileId, Fs, OpenError, Stat};

/// A directory of our own, held by this process alone until this is dropped.
#[derive(Debug)]
pub struct Home {
    id: FileId,
    /// Keeps the lock for as long as it is open.
    _lock: File,
}

impl Home {
    /// Makes the directory where there is none, and takes it.
    ///
    /// # Errors
    /// As [`take`](Self::take), and where it cannot be made.
    pub fn make(fs: &dyn Fs, dir: &Path) -> Result<Self, OpenError> {
        Self::hold(dir, &make_dir(fs, dir)?)
    }

    /// Takes a directory that is there: checks who may write to it, and locks it.
    ///
    /// # Errors
    /// Where somebody has it, others could have made or could change it, or the file system
    /// refuses.
    pub fn take(fs: &dyn Fs, dir: &Path) -> Result<Self, OpenError> {
        Self::hold(dir, &check_dir(fs, dir)?)
    }

    /// Whether the directory at the path is still the one that was taken.
    ///
    /// # Errors
    /// Where the file system does not say what stands there.
    pub fn is_at(&self, fs: &dyn Fs, dir: &Path) -> io::Result<bool> {
        Ok(fs.stat(dir)?.id == self.id)
    }

    fn hold(dir: &Path, stat: &Stat) -> Result<Self, OpenError> {
        let (id, lock) = (stat.id, lock(dir)?);
        Ok(Self { id, _lock: lock })
    }
}
