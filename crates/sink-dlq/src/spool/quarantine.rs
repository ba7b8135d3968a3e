use std::io;
use std::path::{Path, PathBuf};

use events_disk::Fs;

use super::QuarantineStatus;
use super::segment::write_anew;
use super::window::read_exact;

/// The directory of damaged ranges, each in a file named by where it stood.
#[derive(Debug)]
pub(crate) struct Quarantine {
    dir: PathBuf,
    bound: u64,
    status: QuarantineStatus,
}

/// A range of a segment.
#[derive(Debug)]
pub(crate) struct Range<'a> {
    pub(crate) path: &'a Path,
    pub(crate) area: &'static str,
    pub(crate) segment: u64,
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
}

/// What became of a range that was to be kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kept {
    Now,
    /// By this run or an earlier one.
    Before,
    Not,
}

impl Quarantine {
    /// Counts what is there. A directory that cannot be read counts as empty.
    pub(crate) fn new(fs: &dyn Fs, dir: PathBuf, bound: u64) -> Self {
        let mut status = QuarantineStatus::default();
        for name in fs.names(&dir).unwrap_or_default() {
            if name.ends_with(EXTENSION)
                && let Ok(stat) = fs.stat(&dir.join(name))
            {
                status.ranges += 1;
                status.bytes += stat.length;
            }
        }
        Self { dir, bound, status }
    }

    /// Copies a range, unless it is there already or there is no room: the oldest stay.
    pub(crate) fn keep(&mut self, fs: &dyn Fs, range: &Range<'_>) -> Kept {
        let Range {
            area,
            segment,
            offset,
            bytes,
            ..
        } = range;
        let name = format!("{area}-{segment:020}-{offset:020}-{bytes}{EXTENSION}");
        let path = self.dir.join(name);
        if fs.stat(&path).is_ok_and(|stat| stat.length == *bytes) {
            return Kept::Before;
        }
        if self.status.bytes.saturating_add(*bytes) > self.bound {
            self.status.not_kept += 1;
            return Kept::Not;
        }
        match self.copy(fs, range, &path) {
            Ok(()) => {
                self.status.ranges += 1;
                self.status.bytes += bytes;
                Kept::Now
            }
            Err(error) => {
                tracing::error!(path = %path.display(), %error, "cannot keep a damaged range");
                self.status.not_kept += 1;
                Kept::Not
            }
        }
    }

    /// Counts a record that was found damaged when it was read.
    pub(crate) fn count_record(&mut self) {
        self.status.records += 1;
    }

    pub(crate) fn status(&self) -> QuarantineStatus {
        self.status
    }

    fn copy(&self, fs: &dyn Fs, range: &Range<'_>, to: &Path) -> io::Result<()> {
        let length = usize::try_from(range.bytes).unwrap_or(usize::MAX);
        let file = fs.open_to_read(range.path)?;
        let bytes = read_exact(fs, &file, range.offset, length)?;
        write_anew(fs, &self.dir, to, &bytes).map(drop)
    }
}

const EXTENSION: &str = ".damaged";
