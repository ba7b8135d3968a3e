use std::path::PathBuf;
use std::time::SystemTime;

use events_core::{Place, WireEvent, chained};
use events_disk::Fs;

use crate::directory::Directory;
use crate::segment::{Failure, Segment, State};
use crate::{AppendError, Config, OpenError, OpenReport};

/// The segments on disk and how they grow. Owned by the writer; any call may block on the disk.
///
/// The invariant behind all of it: before anything is written, the journal on disk ends with what
/// was acknowledged. An append that fails leaves its segment `doubtful`, and nothing is written
/// until that segment is cut back; so an event that is refused now and delivered again later
/// cannot stand in the journal twice.
pub(crate) struct Log {
    directory: Directory,
    config: Config,
    open: Option<Segment>,
    doubtful: Option<Doubtful>,
    buffer: Vec<u8>,
}

/// What an append came to: the places of the first events, and why the others have none.
#[derive(Debug)]
pub(crate) struct Appended {
    pub(crate) places: Vec<Place>,
    pub(crate) fault: Option<AppendError>,
}

struct Doubtful {
    segment: Segment,
    /// Whether the disk failed to confirm it, after which it takes nothing more.
    poisoned: bool,
}

impl Log {
    pub(crate) fn open(
        fs: Box<dyn Fs>,
        dir: PathBuf,
        config: Config,
    ) -> Result<(Self, OpenReport), OpenError> {
        let (directory, open, report) = Directory::open(fs, dir, config.clone())?;
        let log = Self {
            directory,
            config,
            open,
            doubtful: None,
            buffer: Vec::new(),
        };
        Ok((log, report))
    }

    /// Appends the events in order, each on a line of its own, and waits for the disk. After the
    /// first that fails none is tried, so order holds.
    pub(crate) fn append(&mut self, events: &[&WireEvent]) -> Appended {
        let mut places = Vec::with_capacity(events.len());
        let mut fault = None;
        while let Some(rest) = events.get(places.len()..).filter(|rest| !rest.is_empty()) {
            if let Err(error) = self.append_some(rest, &mut places) {
                fault = Some(error);
                break;
            }
        }
        self.buffer.clear();
        self.buffer.shrink_to(IDLE_BUFFER);
        Appended { places, fault }
    }

    /// Closes the open segment; the next event begins another.
    pub(crate) fn reopen(&mut self) {
        self.open = None;
        self.tidy();
    }

    /// What is done when there is nothing to write: cuts off what is left of a failed append,
    /// brings the listing up to date, removes what is too much or too old.
    pub(crate) fn tidy(&mut self) {
        // Where it fails, the next append says so.
        drop(self.settle());
        self.directory.tidy(self.open.as_ref());
    }

    /// Cuts off what is left of a failed append, before the journal is let go.
    pub(crate) fn close(&mut self) {
        if let Err(error) = self.settle() {
            tracing::error!(
                error = chained(&error),
                "the journal closes with unacknowledged events at the end of a segment"
            );
        }
    }

    pub(crate) fn segments(&self) -> usize {
        self.directory.closed().count() + usize::from(self.open.is_some())
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.directory.closed().bytes() + self.open.as_ref().map_or(0, Segment::length)
    }

    /// When the oldest segment was made.
    pub(crate) fn oldest(&self) -> Option<SystemTime> {
        let open = self.open.as_ref().map(Segment::created);
        self.directory.closed().oldest().or(open)
    }

    /// Appends as many of the events as belong into one segment, at least one.
    fn append_some(
        &mut self,
        events: &[&WireEvent],
        places: &mut Vec<Place>,
    ) -> Result<(), AppendError> {
        let mut is_rewrite = false;
        loop {
            self.settle()?;
            let mut segment = self.writable(events)?;
            let room = match self.directory.room() {
                Ok(room) => room,
                Err(error) => {
                    self.open = Some(segment);
                    return Err(error);
                }
            };
            let count = self.fill_buffer(events, segment.length(), room);
            if self.buffer.len() as u64 > room {
                self.open = Some(segment);
                return Err(self.directory.full(room));
            }
            let start = segment.length();
            match segment.append(self.directory.fs(), &self.buffer) {
                Ok(()) => {
                    places.extend(places_from(start, segment.name(), events).take(count));
                    self.directory.hold_bounds(&segment);
                    self.open = Some(segment);
                    return Ok(());
                }
                Err(Failure::Untouched(error)) => {
                    let error = AppendError::io("write", segment.path(), error);
                    self.open = Some(segment);
                    return Err(error);
                }
                Err(Failure::Write(error)) => {
                    let error = AppendError::io("write", segment.path(), error);
                    self.doubt(segment, false);
                    return Err(error);
                }
                Err(Failure::Sync(error)) => {
                    let error = AppendError::io("sync", segment.path(), error);
                    self.doubt(segment, true);
                    if is_rewrite || self.doubtful.is_some() {
                        return Err(error);
                    }
                    tracing::warn!(
                        error = chained(&error),
                        "the disk did not confirm a segment: writing its last events to a new one"
                    );
                    is_rewrite = true;
                }
            }
        }
    }

    /// Encodes as many events as the segment has room for, and the disk, at least one: a group
    /// that fills the disk does so to the last event that fits, and the next one is refused.
    fn fill_buffer(&mut self, events: &[&WireEvent], length: u64, room: u64) -> usize {
        let room = self.config.segment_bytes.saturating_sub(length).min(room);
        self.buffer.clear();
        let mut count = 0;
        for event in events {
            if count > 0 && self.buffer.len() as u64 + line_length(event) > room {
                break;
            }
            self.buffer.extend_from_slice(event.bytes());
            self.buffer.push(b'\n');
            count += 1;
        }
        count
    }

    /// The segment that the first of these events goes to, taken out of `self.open`.
    fn writable(&mut self, events: &[&WireEvent]) -> Result<Segment, AppendError> {
        let Some(segment) = self.open.take() else {
            return self.directory.begin();
        };
        match segment.state(self.directory.fs()) {
            Ok(State::Intact) => {
                let first = events.first().map_or(0, |event| line_length(event));
                if !self.is_due(&segment, first) {
                    return Ok(segment);
                }
            }
            Ok(State::Moved) => {
                tracing::info!(segment = segment.name(), "the open segment was moved away");
            }
            Ok(State::Changed) => {
                tracing::warn!(
                    segment = segment.name(),
                    "another process changed the segment"
                );
            }
            Err(error) => {
                let error = AppendError::io("look at", segment.path(), error);
                self.open = Some(segment);
                return Err(error);
            }
        }
        self.directory.begin()
    }

    fn is_due(&self, segment: &Segment, first: u64) -> bool {
        let is_full = segment.length().saturating_add(first) > self.config.segment_bytes;
        segment.length() > 0 && (is_full || segment.age() >= self.config.segment_age)
    }

    /// An append failed: nothing is written before its segment is cut back. Tried at once.
    fn doubt(&mut self, segment: Segment, poisoned: bool) {
        self.doubtful = Some(Doubtful { segment, poisoned });
        if let Err(error) = self.settle() {
            tracing::warn!(
                error = chained(&error),
                "cannot cut back a segment: nothing is written before that is done"
            );
        }
    }

    fn settle(&mut self) -> Result<(), AppendError> {
        let Some(mut doubtful) = self.doubtful.take() else {
            return Ok(());
        };
        match doubtful.segment.cut_back(self.directory.fs()) {
            Ok(true) if !doubtful.poisoned => self.open = Some(doubtful.segment),
            Ok(true) if doubtful.segment.length() == 0 => {
                // Empty, and it takes nothing more. Where it stays, it is in nobody's way.
                drop(self.directory.fs().remove(doubtful.segment.path()));
            }
            Ok(_) => {}
            Err(error) => {
                let error = AppendError::io("cut back", doubtful.segment.path(), error);
                self.doubtful = Some(doubtful);
                return Err(error);
            }
        }
        Ok(())
    }
}

/// The places of events that stand one after another from `offset` on.
fn places_from(
    mut offset: u64,
    segment: &str,
    events: &[&WireEvent],
) -> impl Iterator<Item = Place> {
    events.iter().map(move |event| {
        let place = Place::Journal {
            segment: segment.to_owned(),
            offset,
        };
        offset += line_length(event);
        place
    })
}

fn line_length(event: &WireEvent) -> u64 {
    event.bytes().len() as u64 + 1
}

/// The buffer of a large group is given back, a smaller one is used again.
const IDLE_BUFFER: usize = 1 << 20;
