use std::fs::File;
use std::io;
use std::path::PathBuf;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use memchr::{memchr, memchr_iter};

use super::listing::{BLOCK, LONGEST_LINE, list, path_of, read, written};
use super::{Gap, HistoryError, Position};

/// A way through a journal's segments in order, from a place on: to another, or for ever.
///
/// A segment is done with when a later one is there and nothing more comes out of it. Every call
/// may block on the disk.
#[derive(Debug)]
pub(super) struct Walk {
    dir: PathBuf,
    at: Position,
    /// Where it ends, if it does.
    end: Option<Position>,
    open: Option<Open>,
    /// A later segment was seen, so what this one holds now is all of it.
    is_closed: bool,
}

#[derive(Debug)]
struct Open {
    file: File,
    written: DateTime<Utc>,
}

/// What one step came to.
#[derive(Debug)]
pub(super) enum Step {
    /// Records, perhaps none yet.
    Lines(Vec<Line>),
    /// Something is gone.
    Gap(Gap),
    /// Nothing more for now.
    Wait,
    /// Nothing more at all.
    End,
}

/// A record's line without its newline.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) at: Position,
    pub(super) bytes: Bytes,
    /// When its segment was last written to.
    pub(super) written: DateTime<Utc>,
}

impl Walk {
    pub(super) fn new(dir: PathBuf, at: Position, end: Option<Position>) -> Self {
        Self {
            dir,
            at,
            end,
            open: None,
            is_closed: false,
        }
    }

    /// One block further.
    pub(super) fn step(&mut self) -> Result<Step, HistoryError> {
        if self.end.is_some_and(|end| self.at >= end) {
            return Ok(Step::End);
        }
        let path = path_of(&self.dir, self.at.number);
        let failed = |source| HistoryError::io(&path, source);
        let open = match self.open.take() {
            Some(open) => open,
            None => match File::open(&path) {
                Ok(file) => {
                    let written = written(&file.metadata().map_err(failed)?);
                    Open { file, written }
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => return self.pass_on(),
                Err(error) => return Err(failed(error)),
            },
        };
        let open = self.open.insert(open);
        let ends_here = self.end.filter(|end| end.number == self.at.number);
        let limit = ends_here.map_or(u64::MAX, |end| end.offset) - self.at.offset;
        let block = block(&open.file, self.at.offset, limit).map_err(failed)?;
        let written = open.written;
        let mut lines = Vec::new();
        let mut offset = self.at.offset;
        let mut begin = 0;
        for newline in memchr_iter(b'\n', &block) {
            let record = block.get(begin..newline).unwrap_or_default();
            lines.push(Line {
                at: Position::new(self.at.number, offset),
                bytes: Bytes::copy_from_slice(record),
                written,
            });
            begin = newline + 1;
            offset = self.at.offset + begin as u64;
        }
        if !lines.is_empty() {
            self.at.offset = offset;
            return Ok(Step::Lines(lines));
        }
        if block.len() > LONGEST_LINE {
            return self.skip_line(block.len() as u64);
        }
        self.finish_segment()
    }

    /// Goes past a line that is too long to be a record.
    fn skip_line(&mut self, mut length: u64) -> Result<Step, HistoryError> {
        let from = self.at;
        let Some(open) = &self.open else {
            return Ok(Step::Wait);
        };
        let failed = |source| HistoryError::io(path_of(&self.dir, from.number), source);
        loop {
            let offset = from.offset.saturating_add(length);
            let block = read(&open.file, offset, BLOCK as u64).map_err(failed)?;
            if let Some(newline) = memchr(b'\n', &block) {
                self.at.offset = offset + newline as u64 + 1;
                return Ok(Step::Gap(Gap { from, to: self.at }));
            }
            if block.is_empty() {
                return self.finish_segment();
            }
            length += block.len() as u64;
        }
    }

    /// No whole line is left in the segment: goes on to the next one, if it is there.
    fn finish_segment(&mut self) -> Result<Step, HistoryError> {
        if let Some(end) = self.end.filter(|end| end.number == self.at.number) {
            self.at = end;
            return Ok(Step::End);
        }
        let listed = list(&self.dir)?;
        let own = listed.iter().find(|one| one.number == self.at.number);
        let later = listed.iter().find(|one| one.number > self.at.number);
        if let (None, Some(end)) = (later, self.end) {
            let after = Position::new(self.at.number + 1, 0);
            return Ok(self.jump(after, end));
        }
        match (own, later) {
            (_, Some(_)) if !self.is_closed => {
                // Something may have been appended before the later one was begun.
                self.is_closed = true;
                Ok(Step::Lines(Vec::new()))
            }
            (_, Some(later)) => {
                let after = Position::new(self.at.number + 1, 0);
                Ok(self.jump(after, Position::new(later.number, 0)))
            }
            (Some(own), None) => {
                // What an append that failed left behind may have been cut off again.
                self.at.offset = self.at.offset.min(own.length);
                Ok(Step::Wait)
            }
            (None, None) => self.pass_on(),
        }
    }

    /// The segment is gone: goes on with the next, or from the beginning where the numbers are no
    /// longer those of before.
    fn pass_on(&mut self) -> Result<Step, HistoryError> {
        let listed = list(&self.dir)?;
        let later = listed.iter().find(|one| one.number > self.at.number);
        match (later.or(listed.first()), self.end) {
            (Some(next), _) => Ok(self.jump(self.at, Position::new(next.number, 0))),
            (None, Some(end)) => Ok(self.jump(self.at, end)),
            (None, None) => Ok(Step::Wait),
        }
    }

    /// Goes on at `to`; what was in between, if anything, is a gap. A range goes no further than
    /// its end, and never back.
    fn jump(&mut self, from: Position, to: Position) -> Step {
        let to = match self.end {
            Some(end) if to > end || to < self.at => end,
            _ => to,
        };
        self.open = None;
        self.is_closed = false;
        self.at = to;
        if from == to || from == Position::default() {
            Step::Lines(Vec::new())
        } else {
            Step::Gap(Gap { from, to })
        }
    }
}

/// The bytes from `offset` on, `limit` of them at most: a block, or more where it holds no newline.
fn block(file: &File, offset: u64, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let at = bytes.len() as u64;
        let wanted = (BLOCK as u64).min(limit.saturating_sub(at));
        let more = read(file, offset.saturating_add(at), wanted)?;
        let is_all = more.len() < BLOCK;
        let has_line = memchr(b'\n', &more).is_some();
        if bytes.is_empty() {
            bytes = more;
        } else {
            bytes.extend_from_slice(&more);
        }
        if is_all || has_line || bytes.len() > LONGEST_LINE {
            return Ok(bytes);
        }
    }
}
