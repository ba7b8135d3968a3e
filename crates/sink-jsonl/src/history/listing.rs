use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::HistoryError;
use crate::read;
use crate::segment::{file_name, number_in};

/// A segment as a listing showed it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listed {
    pub(super) number: u64,
    pub(super) length: u64,
    /// When it was last written to.
    pub(super) written: DateTime<Utc>,
}

/// The segments in `dir`, in order; one that vanishes meanwhile is left out.
pub(super) fn list(dir: &Path) -> Result<Vec<Listed>, HistoryError> {
    let segments = read::segments(dir).map_err(|source| HistoryError::io(dir, source))?;
    let mut listed = Vec::with_capacity(segments.len());
    for segment in segments {
        let Some(number) = number_in(&segment.name) else {
            continue;
        };
        let metadata = match fs::metadata(&segment.path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(source) => return Err(HistoryError::io(segment.path, source)),
        };
        listed.push(Listed {
            number,
            length: metadata.len(),
            written: written(&metadata),
        });
    }
    Ok(listed)
}

/// When a file was last written to; the beginning of time where the file system does not say.
pub(super) fn written(metadata: &fs::Metadata) -> DateTime<Utc> {
    metadata.modified().map(DateTime::from).unwrap_or_default()
}

/// Where the segment is.
pub(super) fn path_of(dir: &Path, number: u64) -> PathBuf {
    dir.join(file_name(number))
}

/// The bytes from `offset` on: `length` of them, or fewer where the file ends.
pub(super) fn read(file: &File, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
    let mut filled = 0;
    while let Some(room) = bytes.get_mut(filled..).filter(|room| !room.is_empty()) {
        match file.read_at(room, offset.saturating_add(filled as u64)) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// Bytes read at once.
pub(super) const BLOCK: usize = 256 * 1024;

/// Far above what any sink takes, and low enough to hold in memory.
pub(super) const LONGEST_LINE: usize = 16 << 20;
