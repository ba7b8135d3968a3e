use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use events_core::Filter;
use events_core::subject::Routes;
use futures::stream::BoxStream;
use tokio::task::spawn_blocking;

use super::back::Backwards;
use super::entries::Wanted;
use super::listing::{Listed, list, path_of};
use super::walk::{Step, Walk};
use super::{Entries, Gap, HistoryError, Item, Position};

/// What a journal holds, in the order in which it was appended.
///
/// What a live journal has appended and not yet fsynced is read too: it may be cut off again, and
/// come a second time.
#[derive(Clone, Debug)]
pub struct History {
    dir: PathBuf,
    routes: Routes,
}

/// Where a reading begins. The filter's `since` may make it begin later.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Start {
    /// With the oldest record there is.
    Oldest,
    /// With what is appended from now on.
    Next,
    /// Behind a record. Where that is gone, with a gap and the oldest record kept.
    After(Position),
}

impl History {
    /// Of the journal in `dir`, whose events `routes` gives their subjects.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>, routes: Routes) -> Self {
        let dir = dir.into();
        Self { dir, routes }
    }

    /// The newest records that the filter wants, `limit` of them or all there are, in the order
    /// in which they were appended. They are held in memory. Reads from the end, and no further
    /// back than it has to.
    ///
    /// # Errors
    /// Where the file system refuses.
    pub async fn newest(&self, filter: &Filter, limit: usize) -> Result<Vec<Item>, HistoryError> {
        let (history, filter) = (self.clone(), filter.clone());
        let found = spawn_blocking(move || history.find_newest(&filter, limit));
        let found = found.await.map_err(|_| HistoryError::Stopped)??;
        Ok(found.into())
    }

    /// All that the filter wants from `start` to what is the newest record now.
    ///
    /// # Errors
    /// Where the file system refuses.
    pub async fn range(&self, filter: &Filter, start: Start) -> Result<Entries, HistoryError> {
        let end = |listed: &[Listed]| {
            let end = listed
                .last()
                .map(|last| Position::new(last.number, last.length));
            Some(end.unwrap_or_default())
        };
        self.read(filter, start, end, None).await
    }

    /// All that the filter wants from `start` on, as it comes, without an end. The filter's
    /// `until` is not looked at.
    ///
    /// # Errors
    /// Where the file system refuses.
    pub async fn follow(&self, filter: &Filter, start: Start) -> Result<Entries, HistoryError> {
        let filter = Filter {
            until: None,
            ..filter.clone()
        };
        self.read(&filter, start, |_| None, None).await
    }

    /// As [`follow`](Self::follow), but looks for more when `wakes` says so, and once a second
    /// besides: whoever knows of appends at once need not have it looked for.
    ///
    /// # Errors
    /// Where the file system refuses.
    pub async fn follow_woken(
        &self,
        filter: &Filter,
        start: Start,
        wakes: BoxStream<'static, ()>,
    ) -> Result<Entries, HistoryError> {
        let filter = Filter {
            until: None,
            ..filter.clone()
        };
        self.read(&filter, start, |_| None, Some(wakes)).await
    }

    async fn read(
        &self,
        filter: &Filter,
        start: Start,
        end: fn(&[Listed]) -> Option<Position>,
        wakes: Option<BoxStream<'static, ()>>,
    ) -> Result<Entries, HistoryError> {
        let (history, start, since) = (self.clone(), start, filter.since);
        let begin = spawn_blocking(move || {
            let mut listed = list(&history.dir)?;
            let end = end(&listed);
            if let Some(since) = since {
                // Nothing in a segment is newer than what was last written to it. The last one
                // stays, to begin somewhere.
                let last = listed.pop();
                listed.retain(|segment| segment.written >= since);
                listed.extend(last);
            }
            let (at, gap) = history.begin(start, &listed)?;
            Ok((Walk::new(history.dir, at, end), gap))
        });
        let (walk, gap) = begin.await.map_err(|_| HistoryError::Stopped)??;
        let wanted = Wanted {
            filter: filter.clone(),
            routes: self.routes.clone(),
            wakes,
        };
        let position = match start {
            Start::After(position) => Some(position),
            Start::Oldest | Start::Next => None,
        };
        Ok(Entries::new(walk, wanted, gap, position))
    }

    /// Where to begin, and what is gone before that.
    fn begin(
        &self,
        start: Start,
        listed: &[Listed],
    ) -> Result<(Position, Option<Gap>), HistoryError> {
        let oldest = listed.first().map(|one| Position::new(one.number, 0));
        let oldest = oldest.unwrap_or_default();
        match start {
            Start::Oldest => Ok((oldest, None)),
            Start::Next => Ok((self.behind_all(listed)?, None)),
            Start::After(position) => {
                let found = self.behind(position)?;
                let gone = |to| (to, Some(Gap { from: position, to }));
                // What a time bound leaves out before the oldest is not gone.
                Ok(found.map_or_else(|| gone(oldest), |at| (at.max(oldest), None)))
            }
        }
    }

    /// Behind the last whole record.
    fn behind_all(&self, listed: &[Listed]) -> Result<Position, HistoryError> {
        let Some(last) = listed.last() else {
            return Ok(Position::default());
        };
        let path = path_of(&self.dir, last.number);
        let failed = |source| HistoryError::io(&path, source);
        let file = File::open(&path).map_err(failed)?;
        let found = Backwards::new(file, last.length).next().map_err(failed)?;
        let offset = found.map_or(0, |(offset, line)| offset + line.len() as u64 + 1);
        Ok(Position::new(last.number, offset))
    }

    /// Behind the record at `position`; `None` where it is gone.
    fn behind(&self, position: Position) -> Result<Option<Position>, HistoryError> {
        let path = path_of(&self.dir, position.number);
        let failed = |source| HistoryError::io(&path, source);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        if let Some(before) = position.offset.checked_sub(1) {
            let mut byte = [0];
            let count = file.read_at(&mut byte, before).map_err(failed)?;
            if count == 0 || byte != *b"\n" {
                return Ok(None);
            }
        }
        let mut walk = Walk::new(self.dir.clone(), position, None);
        let Step::Lines(lines) = walk.step()? else {
            // It was cut off again, never acknowledged.
            return Ok(Some(position));
        };
        let own = lines.first().filter(|line| line.at == position);
        Ok(own.map(|line| {
            let length = line.bytes.len() as u64 + 1;
            Position::new(position.number, position.offset + length)
        }))
    }

    fn find_newest(&self, filter: &Filter, limit: usize) -> Result<VecDeque<Item>, HistoryError> {
        let mut found = VecDeque::new();
        for segment in list(&self.dir)?.into_iter().rev() {
            let Listed {
                number,
                length,
                written,
            } = segment;
            if found.len() >= limit || filter.since.is_some_and(|since| written < since) {
                break;
            }
            let path = path_of(&self.dir, number);
            let failed = |source| HistoryError::io(&path, source);
            let file = match File::open(&path) {
                Ok(file) => file,
                // Retention took it, and all that are older.
                Err(error) if error.kind() == io::ErrorKind::NotFound => break,
                Err(error) => return Err(failed(error)),
            };
            let mut lines = Backwards::new(file, length);
            while found.len() < limit {
                let Some((offset, line)) = lines.next().map_err(failed)? else {
                    break;
                };
                let at = Position::new(number, offset);
                if let Some(item) = Item::wanted(at, line, written, filter, &self.routes) {
                    found.push_front(item);
                }
            }
        }
        Ok(found)
    }
}
