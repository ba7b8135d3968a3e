//! Reading a journal: its segments, and the records in them. Needs no lock, so a journal can be
//! read while it is written, and a copy of one anywhere.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::iter::FusedIterator;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::vec;

use bytes::Bytes;

use crate::segment::number_in;

/// A segment file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SegmentFile {
    /// Its file name, as receipts have it.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its length in bytes when it was listed.
    pub bytes: u64,
}

/// One line of a segment.
#[derive(Clone, Eq, PartialEq)]
pub struct Record {
    /// The segment's file name.
    pub segment: Arc<str>,
    /// Bytes from the start of the segment to the line.
    pub offset: u64,
    /// The line without its newline: a sealed event, if nobody touched it.
    pub line: Bytes,
}

/// What a journal holds where a record should be. Reading goes on behind it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The segment ends within a line: an append that failed or is under way. Never acknowledged.
    #[error("read a whole record at {segment}:{offset}, where {bytes} bytes end the segment")]
    TornTail {
        /// The segment's file name.
        segment: Arc<str>,
        /// Where the line begins.
        offset: u64,
        /// How much of it there is.
        bytes: u64,
    },
    /// A line longer than any event.
    #[error("read a record at {segment}:{offset}, where a line is longer than {limit} bytes")]
    TooLong {
        /// The segment's file name.
        segment: Arc<str>,
        /// Where the line begins.
        offset: u64,
        /// The longest line that is read.
        limit: usize,
    },
    /// The file system refuses. The rest of the segment is passed over.
    #[error("read {segment} from {offset} on")]
    Io {
        /// The segment's file name.
        segment: Arc<str>,
        /// Where.
        offset: u64,
        /// The refusal.
        source: io::Error,
    },
}

/// The segments in `dir`, in order.
///
/// # Errors
/// When the directory cannot be read.
pub fn segments(dir: &Path) -> io::Result<Vec<SegmentFile>> {
    let mut segments = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if number_in(&name).is_none() {
            continue;
        }
        match entry.metadata() {
            Ok(metadata) if metadata.is_file() => segments.push(SegmentFile {
                name,
                path: entry.path(),
                bytes: metadata.len(),
            }),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    // Names have one length, so they sort as their numbers do.
    segments.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok(segments)
}

/// The records of some segments, one after another, in constant memory.
#[derive(Debug)]
pub struct Records {
    segments: vec::IntoIter<SegmentFile>,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    name: Arc<str>,
    lines: BufReader<File>,
    offset: u64,
}

impl Records {
    /// Reads these segments in this order. One that is gone when its turn comes is passed over:
    /// retention took it.
    #[must_use]
    pub fn new(segments: Vec<SegmentFile>) -> Self {
        Self {
            segments: segments.into_iter(),
            open: None,
        }
    }
}

impl Iterator for Records {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(open) = &mut self.open {
                match open.next() {
                    Ok(Some(item)) => return Some(item),
                    Ok(None) => self.open = None,
                    Err(source) => {
                        let (segment, offset) = (Arc::clone(&open.name), open.offset);
                        self.open = None;
                        return Some(Err(ReadError::Io {
                            segment,
                            offset,
                            source,
                        }));
                    }
                }
            }
            let segment = self.segments.next()?;
            let name = Arc::from(segment.name);
            match File::open(&segment.path) {
                Ok(file) => {
                    self.open = Some(Open {
                        name,
                        lines: BufReader::with_capacity(BLOCK, file),
                        offset: 0,
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => {
                    return Some(Err(ReadError::Io {
                        segment: name,
                        offset: 0,
                        source,
                    }));
                }
            }
        }
    }
}

impl FusedIterator for Records {}

impl Open {
    /// The next line, or what is in its place; `None` at the end.
    fn next(&mut self) -> io::Result<Option<Result<Record, ReadError>>> {
        let mut line = Vec::new();
        let limit = LONGEST_LINE as u64 + 1;
        self.lines
            .by_ref()
            .take(limit)
            .read_until(b'\n', &mut line)?;
        let (segment, offset) = (Arc::clone(&self.name), self.offset);
        let bytes = line.len() as u64;
        self.offset += bytes;
        if line.pop_if(|last| *last == b'\n').is_some() {
            let line = Bytes::from(line);
            return Ok(Some(Ok(Record {
                segment,
                offset,
                line,
            })));
        }
        if bytes == limit {
            self.offset += self.lines.skip_until(b'\n')? as u64;
            let limit = LONGEST_LINE;
            return Ok(Some(Err(ReadError::TooLong {
                segment,
                offset,
                limit,
            })));
        }
        let torn = ReadError::TornTail {
            segment,
            offset,
            bytes,
        };
        Ok((bytes > 0).then_some(Err(torn)))
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            segment,
            offset,
            line,
        } = self;
        write!(f, "Record({segment}:{offset}, {} bytes)", line.len())
    }
}

const BLOCK: usize = 256 * 1024;

/// Far above what any sink takes, and low enough to hold in memory.
const LONGEST_LINE: usize = 16 << 20;
