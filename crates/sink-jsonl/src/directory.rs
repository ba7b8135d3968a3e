use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use events_disk::{Fs, Home};

use crate::repair::take_over;
use crate::retention::Closed;
use crate::segment::{Listed, Segment, list};
use crate::{AppendError, Config, OpenError, OpenReport};

/// The journal's directory and the segments in it, but for the open one.
pub(crate) struct Directory {
    fs: Box<dyn Fs>,
    path: PathBuf,
    config: Config,
    home: Home,
    closed: Closed,
    /// The number of the next segment.
    next: u64,
}

impl Directory {
    /// Makes the directory where there is none, and takes over what it holds. Returns the segment
    /// to go on in, unless the last one is full or old.
    pub(crate) fn open(
        fs: Box<dyn Fs>,
        path: PathBuf,
        config: Config,
    ) -> Result<(Self, Option<Segment>, OpenReport), OpenError> {
        let home = Home::make(&*fs, &path)?;
        let (segments, report) = take_over(&*fs, &path)?;
        let mut directory = Self {
            fs,
            path,
            config,
            home,
            closed: Closed::default(),
            next: FIRST,
        };
        let last = directory.go_on(segments)?;
        directory.prune(last.as_ref());
        Ok((directory, last, report))
    }

    /// The segment to write to after one was closed: a new one, unless another directory stands
    /// at the path, whose last segment has room.
    pub(crate) fn begin(&mut self) -> Result<Segment, AppendError> {
        match self.home.is_at(&*self.fs, &self.path) {
            Ok(true) => self.tidy(None),
            Ok(false) => {
                if let Some(last) = self.move_in().map_err(AppendError::Replaced)? {
                    return Ok(last);
                }
            }
            Err(error) => return Err(self.refusal("look at", error)),
        }
        loop {
            let number = self.next;
            match Segment::create(&*self.fs, &self.path, number) {
                Ok(segment) => {
                    self.next = number.saturating_add(1);
                    return Ok(segment);
                }
                // Somebody put it there, or a beginning that failed left it.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < u64::MAX => {
                    self.next = number + 1;
                }
                Err(error) => return Err(self.refusal("begin a segment in", error)),
            }
        }
    }

    /// How many bytes more leave the reserve free. Without a reserve nothing is measured.
    pub(crate) fn room(&self) -> Result<u64, AppendError> {
        let reserve = self.config.reserve_bytes;
        if reserve == 0 {
            return Ok(u64::MAX);
        }
        let free = self.fs.free_space(&self.path);
        let free = free.map_err(|error| self.refusal("measure the room of", error))?;
        Ok(free.saturating_sub(reserve))
    }

    /// The refusal of what needs more than the `room` that was measured.
    pub(crate) fn full(&self, room: u64) -> AppendError {
        let reserve = self.config.reserve_bytes;
        let short = format!("{room} bytes free beside the {reserve} that are reserved");
        AppendError::Full {
            path: self.path.clone(),
            source: io::Error::new(io::ErrorKind::StorageFull, short),
        }
    }

    /// Brings the listing up to date and removes what is too much or too old.
    pub(crate) fn tidy(&mut self, open: Option<&Segment>) {
        match list(&*self.fs, &self.path) {
            Ok(mut listed) => {
                let open = open.map(Segment::number);
                listed.retain(|segment| Some(segment.number) != open);
                self.closed = Closed::new(listed);
            }
            Err(error) => {
                tracing::warn!(dir = %self.path.display(), %error, "cannot list the journal");
            }
        }
        self.prune(open);
    }

    /// The same, when what is known says that it is needed.
    pub(crate) fn hold_bounds(&mut self, open: &Segment) {
        let bytes = self.closed.bytes().saturating_add(open.length());
        if bytes > self.config.max_bytes && self.closed.can_go() {
            self.tidy(Some(open));
        }
    }

    pub(crate) fn fs(&self) -> &dyn Fs {
        &*self.fs
    }

    pub(crate) fn closed(&self) -> &Closed {
        &self.closed
    }

    /// Another directory stands at the path: made anew, or on another file system.
    fn move_in(&mut self) -> Result<Option<Segment>, OpenError> {
        let home = Home::take(&*self.fs, &self.path)?;
        let (segments, _) = take_over(&*self.fs, &self.path)?;
        tracing::warn!(dir = %self.path.display(), "the journal's directory was replaced");
        self.home = home;
        self.go_on(segments)
    }

    fn go_on(&mut self, mut segments: Vec<Listed>) -> Result<Option<Segment>, OpenError> {
        let mut open = None;
        if let Some(Listed { number, stat }) = segments.last().copied() {
            self.next = self.next.max(number.saturating_add(1));
            let age = now().duration_since(stat.created).unwrap_or_default();
            let has_room = stat.length < self.config.segment_bytes;
            // A second name is a backup's, made of what the segment was then.
            if has_room && age < self.config.segment_age && stat.links == 1 {
                let resumed = Segment::resume(&*self.fs, &self.path, number, age);
                let failed = |source| OpenError::io("go on in the journal", &self.path, source);
                open = Some(resumed.map_err(failed)?);
                segments.pop();
            }
        }
        self.closed = Closed::new(segments);
        Ok(open)
    }

    fn prune(&mut self, open: Option<&Segment>) {
        let open = open.map_or(0, Segment::length);
        self.closed
            .prune(&*self.fs, &self.path, open, &self.config, now());
    }

    /// The refusal of a call that needs the directory.
    fn refusal(&self, doing: &'static str, error: io::Error) -> AppendError {
        match error.kind() {
            io::ErrorKind::NotFound => AppendError::Gone {
                dir: self.path.clone(),
            },
            _ => AppendError::io(doing, &self.path, error),
        }
    }
}

fn now() -> SystemTime {
    events_core::time::now().into()
}

const FIRST: u64 = 1;
