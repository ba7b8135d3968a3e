use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use events_disk::{FileId, Fs, Stat};

/// The segment being appended to. `length` is what is fsynced, and what the file holds between
/// two commits.
#[derive(Debug)]
pub(crate) struct Segment {
    number: u64,
    name: String,
    path: PathBuf,
    file: File,
    id: FileId,
    length: u64,
    created: SystemTime,
    opened: Instant,
    age_when_opened: Duration,
}

/// How an append failed. What the file holds past `length` is unknown, except where it is said.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nothing reached the file.
    Untouched(io::Error),
    /// Some bytes may have.
    Write(io::Error),
    /// The disk did not confirm. The kernel then forgets which pages were never written, so a
    /// second sync of the same file would say yes to bytes that are lost.
    Sync(io::Error),
}

impl Segment {
    /// Makes a segment and brings its name to the disk, so that nothing in it can vanish with it.
    pub(crate) fn create(fs: &dyn Fs, dir: &Path, number: u64) -> io::Result<Self> {
        let name = file_name(number);
        let path = dir.join(&name);
        let file = fs.create(&path)?;
        let settled = fs
            .sync_all(&file)
            .and_then(|()| fs.sync_dir(dir))
            .and_then(|()| fs.stat(&path));
        match settled {
            Ok(stat) => Ok(Self::new(number, path, file, &stat, Duration::ZERO)),
            Err(error) => {
                // Empty and never spoken of: it may as well stay when it cannot be removed.
                drop(fs.remove(&path));
                Err(error)
            }
        }
    }

    /// Goes on with a segment of an earlier run, which ends in a whole record.
    pub(crate) fn resume(fs: &dyn Fs, dir: &Path, number: u64, age: Duration) -> io::Result<Self> {
        let path = dir.join(file_name(number));
        let file = fs.open(&path)?;
        let stat = fs.stat(&path)?;
        Ok(Self::new(number, path, file, &stat, age))
    }

    fn new(number: u64, path: PathBuf, file: File, stat: &Stat, age: Duration) -> Self {
        Self {
            number,
            name: file_name(number),
            path,
            file,
            id: stat.id,
            length: stat.length,
            created: stat.created,
            opened: Instant::now(),
            age_when_opened: age,
        }
    }

    /// Writes whole records at the end and waits until they are on the disk.
    pub(crate) fn append(&mut self, fs: &dyn Fs, records: &[u8]) -> Result<(), Failure> {
        let mut rest = records;
        while !rest.is_empty() {
            match fs.write(&self.file, rest) {
                Ok(0) => return Err(Failure::Write(io::ErrorKind::WriteZero.into())),
                Ok(written) => rest = rest.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if rest.len() == records.len() && self.is_intact(fs) => {
                    return Err(Failure::Untouched(error));
                }
                Err(error) => return Err(Failure::Write(error)),
            }
        }
        fs.sync_data(&self.file).map_err(Failure::Sync)?;
        self.length += records.len() as u64;
        Ok(())
    }

    /// Cuts off what is not confirmed and brings the cut to the disk, through a descriptor of its
    /// own that then replaces the old one. False when the segment is no longer in its place, where
    /// nothing of it counts.
    pub(crate) fn cut_back(&mut self, fs: &dyn Fs) -> io::Result<bool> {
        let stat = match fs.stat(&self.path) {
            Ok(stat) => stat,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        if stat.id != self.id {
            return Ok(false);
        }
        let file = fs.open(&self.path)?;
        if stat.length > self.length {
            fs.set_len(&file, self.length)?;
        }
        fs.sync_all(&file)?;
        self.file = file;
        Ok(true)
    }

    /// Whether the file at the path is the one being written, with nobody else's bytes in it.
    pub(crate) fn state(&self, fs: &dyn Fs) -> io::Result<State> {
        match fs.stat(&self.path) {
            Ok(stat) if stat.id != self.id => Ok(State::Moved),
            Ok(stat) if stat.length != self.length => Ok(State::Changed),
            Ok(_) => Ok(State::Intact),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(State::Moved),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    pub(crate) fn created(&self) -> SystemTime {
        self.created
    }

    pub(crate) fn age(&self) -> Duration {
        self.age_when_opened.saturating_add(self.opened.elapsed())
    }

    fn is_intact(&self, fs: &dyn Fs) -> bool {
        matches!(self.state(fs), Ok(State::Intact))
    }
}

/// What became of the open segment since the last commit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum State {
    Intact,
    /// Renamed or removed, as `logrotate` does.
    Moved,
    /// Cut or added to by somebody else, so that offsets would lie.
    Changed,
}

/// The name of a segment: its number with 20 digits, so that names sort as numbers do.
pub(crate) fn file_name(number: u64) -> String {
    format!("{number:020}{EXTENSION}")
}

/// The number in a segment's name; `None` for the name of anything else.
pub(crate) fn number_in(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(EXTENSION)?;
    let is_number = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { digits.parse().ok() } else { None }
}

/// A segment in the directory, as a listing shows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listed {
    pub(crate) number: u64,
    pub(crate) stat: Stat,
}

/// The segments in a directory, in order. One that vanishes meanwhile is left out.
pub(crate) fn list(fs: &dyn Fs, dir: &Path) -> io::Result<Vec<Listed>> {
    let mut listed = Vec::new();
    for number in fs.names(dir)?.iter().filter_map(|name| number_in(name)) {
        match fs.stat(&dir.join(file_name(number))) {
            Ok(stat) => listed.push(Listed { number, stat }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    listed.sort_unstable_by_key(|segment| segment.number);
    Ok(listed)
}

const EXTENSION: &str = ".jsonl";

#[cfg(test)]
mod tests {
    use super::{file_name, number_in};

    #[test]
    fn names_read_back_and_nothing_else_is_a_segment() {
        assert_eq!(file_name(7), "00000000000000000007.jsonl");
        for number in [0, 1, u64::MAX] {
            assert_eq!(number_in(&file_name(number)), Some(number));
        }
        for name in [
            "7.jsonl",
            "00000000000000000007.jsonl.1",
            "00000000000000000007.json",
            "+0000000000000000007.jsonl",
            "99999999999999999999.jsonl",
            "LOCK",
        ] {
            assert_eq!(number_in(name), None, "{name}");
        }
    }
}
