//! Finds the frames in a segment, whatever became of it.

use std::io;

use super::frame::{ALIGNMENT, Frame, HEAD, check, claimed};
use super::header::LENGTH;

/// Bytes that are read a part at a time.
pub(crate) trait Source {
    /// Bytes there are.
    fn length(&self) -> u64;

    /// As many as `length` bytes from `offset` on; fewer at the end.
    fn at(&mut self, offset: u64, length: usize) -> io::Result<&[u8]>;
}

/// What a segment holds besides frames.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Scan {
    /// Ranges with frames behind them that are none.
    pub(crate) gaps: Vec<Gap>,
    /// Where the last frame ends.
    pub(crate) end: u64,
    /// The last frame's record.
    pub(crate) last: Option<u64>,
    /// Whether all bytes of one more frame stand behind the last: they are not what was written.
    /// A write that was under way leaves fewer.
    pub(crate) broken_last: bool,
}

/// A range that holds no frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Gap {
    pub(crate) from: u64,
    pub(crate) to: u64,
    /// The record before it, and the one behind.
    pub(crate) after: Option<u64>,
    pub(crate) before: Option<u64>,
}

/// Goes through a segment and hands over every frame with its offset. Where there is none it looks
/// for the next one on steps of 8 bytes.
pub(crate) fn scan(
    source: &mut dyn Source,
    salt: u32,
    each: &mut dyn FnMut(u64, usize, Frame<'_>),
) -> io::Result<Scan> {
    let mut scan = Scan {
        end: (LENGTH as u64).min(source.length()),
        ..Scan::default()
    };
    let mut offset = scan.end;
    while offset < source.length() {
        if let Some((size, frame)) = frame_at(source, salt, offset)? {
            if offset > scan.end {
                scan.gaps.push(Gap {
                    from: scan.end,
                    to: offset,
                    after: scan.last,
                    before: Some(frame.id),
                });
            }
            scan.last = Some(frame.id);
            each(offset, size, frame);
            offset += size as u64;
            scan.end = offset;
        } else {
            offset += ALIGNMENT as u64;
        }
    }
    let left = source.length() - scan.end.min(source.length());
    let claimed = claimed(source.at(scan.end, HEAD)?);
    scan.broken_last = claimed.is_some_and(|size| size as u64 <= left);
    Ok(scan)
}

fn frame_at(
    source: &mut dyn Source,
    salt: u32,
    offset: u64,
) -> io::Result<Option<(usize, Frame<'_>)>> {
    let Some(size) = claimed(source.at(offset, HEAD)?) else {
        return Ok(None);
    };
    if source.length() - offset < size as u64 {
        return Ok(None);
    }
    let bytes = source.at(offset, size)?;
    let is_whole = bytes.len() == size;
    Ok(check(bytes, salt)
        .filter(|_| is_whole)
        .map(|frame| (size, frame)))
}

impl Source for &[u8] {
    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn at(&mut self, offset: u64, length: usize) -> io::Result<&[u8]> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = self.get(from..).unwrap_or_default();
        Ok(rest.get(..length).unwrap_or(rest))
    }
}
