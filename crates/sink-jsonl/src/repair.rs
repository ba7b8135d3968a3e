use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use events_disk::{Fs, check_file};

use crate::OpenError;
use crate::segment::{Listed, file_name, list};

/// What opening a journal found and mended.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct OpenReport {
    /// Segments taken over from earlier runs.
    pub segments: usize,
    /// Bytes of whole records in them.
    pub bytes: u64,
    /// Tails that were cut off.
    pub torn: Vec<TornTail>,
}

/// The end of a segment that was never acknowledged: a record without its newline, or what a
/// power cut left of one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TornTail {
    /// The segment's file name.
    pub segment: String,
    /// Bytes kept, from the start.
    pub offset: u64,
    /// Bytes cut off.
    pub bytes: u64,
}

/// Takes over the segments of earlier runs: refuses what others could have planted, and cuts each
/// back to its last whole record. What is there afterwards is on the disk.
pub(crate) fn take_over(fs: &dyn Fs, dir: &Path) -> Result<(Vec<Listed>, OpenReport), OpenError> {
    let mut segments =
        list(fs, dir).map_err(|source| OpenError::io("list the journal", dir, source))?;
    let mut report = OpenReport::default();
    for segment in &mut segments {
        let name = file_name(segment.number);
        let path = dir.join(&name);
        check_file(&path, &segment.stat)?;
        let kept = repair(fs, &path, segment.stat.length)?;
        if kept < segment.stat.length {
            let bytes = segment.stat.length - kept;
            tracing::warn!(
                segment = name,
                offset = kept,
                bytes,
                "cut off a torn tail, which was never acknowledged"
            );
            report.torn.push(TornTail {
                segment: name,
                offset: kept,
                bytes,
            });
            segment.stat.length = kept;
        }
        report.bytes += kept;
    }
    report.segments = segments.len();
    settle(fs, dir, segments.last())?;
    Ok((segments, report))
}

/// A run that was killed may have left a name, or its last group, that never reached the disk.
fn settle(fs: &dyn Fs, dir: &Path, last: Option<&Listed>) -> Result<(), OpenError> {
    if let Some(last) = last {
        let path = dir.join(file_name(last.number));
        fs.open(&path)
            .and_then(|file| fs.sync_all(&file))
            .map_err(|source| OpenError::io("sync", path, source))?;
    }
    fs.sync_dir(dir)
        .map_err(|source| OpenError::io("sync the directory", dir, source))
}

fn repair(fs: &dyn Fs, path: &Path, length: u64) -> Result<u64, OpenError> {
    if length == 0 {
        return Ok(0);
    }
    let failed = |doing| move |source| OpenError::io(doing, path, source);
    let file = fs.open(path).map_err(failed("open"))?;
    let kept = whole_records(&file, length).map_err(failed("read the end of"))?;
    if kept < length {
        fs.set_len(&file, kept).map_err(failed("cut back"))?;
        fs.sync_all(&file).map_err(failed("sync"))?;
    }
    Ok(kept)
}

/// The length up to which a segment holds whole records: up to its last newline, not counting last
/// lines with a NUL byte. JSON holds none, so such a line is a hole that a power cut left where
/// the file had grown and its blocks were never written. Further up, a hole is damage, and stays
/// for its finder.
fn whole_records(file: &File, length: u64) -> io::Result<u64> {
    let mut end = after_last_newline(file, length)?;
    while end > 0 {
        let start = after_last_newline(file, end - 1)?;
        if !holds_nul(file, start, end)? {
            break;
        }
        end = start;
    }
    Ok(end)
}

/// The position after the last newline of the first `end` bytes; 0 where there is none.
fn after_last_newline(file: &File, mut end: u64) -> io::Result<u64> {
    let mut block = vec![0; BLOCK];
    while end > 0 {
        let start = end.saturating_sub(BLOCK as u64);
        let bytes = read(file, &mut block, start, end)?;
        if let Some(position) = bytes.iter().rposition(|&byte| byte == b'\n') {
            return Ok(start + position as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

fn holds_nul(file: &File, mut start: u64, end: u64) -> io::Result<bool> {
    let mut block = vec![0; BLOCK];
    while start < end {
        let stop = end.min(start + BLOCK as u64);
        if read(file, &mut block, start, stop)?.contains(&0) {
            return Ok(true);
        }
        start = stop;
    }
    Ok(false)
}

/// Reads the bytes from `start` to `end`, at most a block, into `block`.
fn read<'a>(file: &File, block: &'a mut [u8], start: u64, end: u64) -> io::Result<&'a [u8]> {
    let length = usize::try_from(end - start).unwrap_or(BLOCK).min(BLOCK);
    let bytes = block.get_mut(..length).unwrap_or_default();
    file.read_exact_at(bytes, start)?;
    Ok(bytes)
}

const BLOCK: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::{BLOCK, whole_records};

    fn check(content: &[u8], kept: usize) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        let found = whole_records(&file, content.len() as u64).unwrap();
        let shown = &content[..content.len().min(40)];
        assert_eq!(found, kept as u64, "{}", String::from_utf8_lossy(shown));
    }

    #[test]
    fn a_tail_without_its_newline_is_cut() {
        check(b"", 0);
        check(b"a\n", 2);
        check(b"a", 0);
        check(b"a\nb", 2);
        check(b"a\nb\n{\"whole\":1}", 4);
    }

    #[test]
    fn a_tail_of_zeroes_is_cut_even_where_a_newline_follows() {
        check(b"\0\0\0", 0);
        check(b"a\n\0\0\0", 2);
        check(b"a\nb\0\0c\n", 2);
        check(b"a\n\0\n\0\0\n\0", 2);
        check(b"a\0\nb\n", 5);
    }

    #[test]
    fn lines_longer_than_a_block_are_found() {
        for length in [BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK] {
            let mut content = vec![b'x'; length];
            content.push(b'\n');
            let kept = content.len();
            check(&content, kept);
            content.extend(vec![b'y'; length]);
            check(&content, kept);
            content.push(b'\n');
            check(&content, 2 * kept);
            content.extend(vec![0; length]);
            check(&content, 2 * kept);
        }
    }
}
