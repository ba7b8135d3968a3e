use std::collections::BTreeSet;
use std::path::PathBuf;

use bytes::Bytes;
use events_core::chained;
use events_disk::Fs;

use super::dead::dead_frames;
use super::frame;
use super::header::{self, Identity, StoreId};
use super::index::{SegmentInfo, Shared};
use super::payload::{FIXED, Preamble};
use super::removals::{Removals, Removed};
use super::room::{check_reserve, quota, segment_bytes, spare};
use super::segment::{Doubtful, Failure, Segment};
use super::{Area, Cause, Config, SpoolError};

/// What an area's log works with.
pub(crate) struct Ground<'a> {
    pub(crate) fs: &'a dyn Fs,
    pub(crate) config: &'a Config,
    pub(crate) store: StoreId,
    pub(crate) shared: &'a Shared,
}

/// A record to be written.
#[derive(Debug)]
pub(crate) struct Pending {
    /// Which of the writes asked for.
    pub(crate) write: usize,
    pub(crate) id: u64,
    pub(crate) subject: String,
    pub(crate) cause: Cause,
    pub(crate) event: Bytes,
    /// Where it moves from.
    pub(crate) from: Option<Area>,
}

/// Where a record was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    pub(crate) key: u32,
    pub(crate) number: u64,
    pub(crate) offset: u32,
    pub(crate) size: u32,
}

/// An area's segments on disk and how they grow. Any call may block on the disk.
///
/// Before anything is written to a segment, it ends with what was confirmed: one whose append
/// failed is cut back, and where that fails it is given up for a new one, to be cut later.
#[derive(Debug)]
pub(crate) struct Log {
    area: Area,
    dir: PathBuf,
    open: Option<(u64, Segment)>,
    doubtful: Vec<Doubtful>,
    pub(crate) removals: Removals,
    buffer: Vec<u8>,
}

impl Log {
    pub(crate) fn new(area: Area, dir: PathBuf, removals: Removals) -> Self {
        Self {
            area,
            dir,
            open: None,
            doubtful: Vec::new(),
            removals,
            buffer: Vec::new(),
        }
    }

    /// Appends the records in order and waits for the disk. Returns where the first ones are, and
    /// why the others are nowhere: after the first that fails none is tried, so order holds.
    pub(crate) fn append(
        &mut self,
        ground: &Ground<'_>,
        counter: &mut u64,
        records: &[Pending],
    ) -> (Vec<Written>, Option<SpoolError>) {
        let mut written = Vec::with_capacity(records.len());
        let mut fault = None;
        while let Some(rest) = records.get(written.len()..).filter(|rest| !rest.is_empty()) {
            if let Err(error) = self.append_some(ground, counter, rest, &mut written) {
                fault = Some(error);
                break;
            }
        }
        self.buffer.clear();
        self.buffer.shrink_to(IDLE_BUFFER);
        (written, fault)
    }

    /// Removes segments that nothing is needed of. The newest stays, since it says which ids were
    /// given out; a large one makes way for an empty one.
    pub(crate) fn tidy(&mut self, ground: &Ground<'_>, counter: &mut u64, large: u64) {
        self.settle(ground);
        let mut segments = segments_of(ground, self.area);
        if let Some((_, newest)) = segments.last()
            && is_empty(newest)
            && newest.bytes > large
        {
            // Its header is what the reserve is for: it gives room back.
            match self.create(ground, counter) {
                Ok(()) => segments = segments_of(ground, self.area),
                Err(error) => tracing::debug!(error = chained(&error), "cannot begin a segment"),
            }
        }
        segments.pop();
        segments.retain(|(_, info)| is_empty(info));
        for (key, info) in &segments {
            let path = self.path_of(ground, info.number);
            match ground.fs.remove(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    tracing::warn!(path = %path.display(), %error, "cannot remove a segment");
                }
                Ok(()) | Err(_) => ground.shared.index().remove_segment(*key),
            }
        }
        // Removals are only forgotten of segments that do not come back.
        if !segments.is_empty()
            && let Err(error) = ground.fs.sync_dir(&self.dir)
        {
            tracing::warn!(dir = %self.dir.display(), %error, "cannot sync the directory");
        }
    }

    /// Whether a record of that size would find room now.
    pub(crate) fn has_room(&self, ground: &Ground<'_>, size: u64) -> bool {
        let used = ground.shared.index().bytes(self.area);
        let left = quota(ground.config, self.area).saturating_sub(used);
        let wanted = size + HEADER;
        left >= wanted && check_reserve(ground, self.area, &self.dir, wanted).is_ok()
    }

    /// Cuts off what failed appends left, as far as the disk lets it.
    pub(crate) fn settle(&mut self, ground: &Ground<'_>) {
        self.doubtful.retain(|doubtful| {
            let cut = doubtful.cut_back(ground.fs);
            if let Err(error) = &cut {
                let path = doubtful.path().display();
                tracing::warn!(%path, %error, "cannot cut off what a failed append left");
            }
            cut.is_err()
        });
    }

    /// Hands the removals to the file; on the disk too, when they are to be `durable`.
    pub(crate) fn flush_removals(
        &mut self,
        ground: &Ground<'_>,
        durable: Durable,
    ) -> Result<(), SpoolError> {
        let segments = segments_of(ground, self.area);
        let numbers: BTreeSet<u64> = segments.iter().map(|(_, info)| info.number).collect();
        let is_needed = |removed: &Removed| numbers.contains(&removed.segment);
        let fs = ground.fs;
        let mut flushed = match durable {
            Durable::Yes => self.removals.sync(fs, &is_needed),
            Durable::No if self.removals.is_bulky() => self.removals.rewrite(fs, &is_needed),
            Durable::No => self.removals.flush(fs, &is_needed),
        };
        if flushed.is_err() && !self.removals.is_readable(fs) {
            let known = dead_frames(self.area, &self.dir, ground);
            flushed = self.removals.replace(fs, known, &is_needed);
        }
        flushed.map_err(|error| SpoolError::io(self.area, "note removals in", &self.dir, error))
    }

    pub(crate) fn path_of(&self, ground: &Ground<'_>, number: u64) -> PathBuf {
        self.dir.join(self.identity(ground, number).file_name())
    }

    pub(crate) fn identity(&self, ground: &Ground<'_>, number: u64) -> Identity {
        Identity {
            store: ground.store,
            area: self.area,
            number,
        }
    }

    /// Appends as many of the records as belong into one segment, at least one.
    fn append_some(
        &mut self,
        ground: &Ground<'_>,
        counter: &mut u64,
        records: &[Pending],
        written: &mut Vec<Written>,
    ) -> Result<(), SpoolError> {
        let mut is_rewrite = false;
        loop {
            self.settle(ground);
            let first = records.first().map_or(0, size_of);
            let room = self.room(ground, counter, first)?;
            self.make_writable(ground, counter, first)?;
            let Some((number, segment)) = self.open.as_mut() else {
                return Err(SpoolError::Closed);
            };
            let segment_room =
                segment_bytes(ground.config, self.area).saturating_sub(segment.length());
            let start = segment.length();
            let (key, number, salt) = (segment.key, *number, segment.salt);
            // What fills the disk does so to the last record that fits.
            let room = room.min(segment_room);
            let room = room.min(spare(ground, self.area, &self.dir)?);
            let sizes = fill(&mut self.buffer, salt, records, room);
            check_reserve(ground, self.area, &self.dir, self.buffer.len() as u64)?;
            let failure = match segment.append(ground.fs, &self.buffer) {
                Ok(()) => {
                    if let Some(info) = ground.shared.index().segment_mut(key) {
                        info.bytes = segment.length();
                        // Until the records are in the index, which keeps it from then on.
                        info.pinned = true;
                    }
                    written.extend(places(key, number, start, &sizes));
                    return Ok(());
                }
                Err(failure) => failure,
            };
            let (error, doing) = match failure {
                Failure::Write(error) => (error, "write"),
                Failure::Sync(error) => (error, "sync"),
            };
            let error = SpoolError::io(self.area, doing, segment.path(), error);
            let is_poisoned = doing == "sync";
            self.give_up();
            self.settle(ground);
            if !is_poisoned || is_rewrite {
                return Err(error);
            }
            tracing::warn!(
                error = chained(&error),
                "the disk did not confirm a segment: writing its last records to a new one"
            );
            is_rewrite = true;
        }
    }

    /// Bytes that the area may still grow by, which are enough for `first`.
    fn room(
        &mut self,
        ground: &Ground<'_>,
        counter: &mut u64,
        first: u64,
    ) -> Result<u64, SpoolError> {
        let quota = quota(ground.config, self.area);
        let mut room = quota.saturating_sub(ground.shared.index().bytes(self.area));
        // A new segment has a header too.
        let wanted = first + HEADER;
        let is_short = check_reserve(ground, self.area, &self.dir, wanted).is_err();
        if room < wanted || is_short {
            self.tidy(ground, counter, HEADER);
            room = quota.saturating_sub(ground.shared.index().bytes(self.area));
        }
        if room < wanted {
            let short = format!("{room} bytes left of {quota}");
            return Err(SpoolError::full(self.area, short));
        }
        Ok(room - HEADER)
    }

    /// Sees to it that the open segment is in its place and has room for `first` bytes more.
    fn make_writable(
        &mut self,
        ground: &Ground<'_>,
        counter: &mut u64,
        first: u64,
    ) -> Result<(), SpoolError> {
        if let Some((_, segment)) = &self.open {
            let is_intact = segment
                .is_intact(ground.fs)
                .map_err(|error| SpoolError::io(self.area, "look at", segment.path(), error))?;
            let is_full = segment.length() + first > segment_bytes(ground.config, self.area);
            if is_intact && !(is_full && segment.length() > HEADER) {
                return Ok(());
            }
            if !is_intact {
                let path = segment.path().display();
                tracing::error!(%path, "another process moved or changed the segment");
            }
        }
        self.begin(ground, counter)
    }

    fn begin(&mut self, ground: &Ground<'_>, counter: &mut u64) -> Result<(), SpoolError> {
        self.open = None;
        check_reserve(ground, self.area, &self.dir, HEADER)?;
        self.create(ground, counter)
    }

    fn create(&mut self, ground: &Ground<'_>, counter: &mut u64) -> Result<(), SpoolError> {
        self.open = None;
        *counter += 1;
        let number = *counter;
        let identity = self.identity(ground, number);
        let segment = Segment::create(ground.fs, &self.dir, identity);
        let mut segment = segment
            .map_err(|error| SpoolError::io(self.area, "begin a segment in", &self.dir, error))?;
        segment.key = ground.shared.index().add_segment(SegmentInfo {
            number,
            area: self.area,
            bytes: segment.length(),
            live: 0,
            pinned: false,
        });
        self.open = Some((number, segment));
        Ok(())
    }

    /// What was under way failed: nothing more is written to the segment.
    fn give_up(&mut self) {
        if let Some((_, segment)) = self.open.take() {
            self.doubtful.push(segment.into_doubtful());
        }
    }
}

/// Whether removals are on the disk before they count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Durable {
    Yes,
    No,
}

/// Bytes that a record takes in a segment.
pub(crate) fn size_of(record: &Pending) -> u64 {
    // The reason is escaped when it is made, so its length is the stored one.
    let payload = FIXED + record.subject.len() + record.cause.reason.len() + record.event.len();
    frame::size_of(payload) as u64
}

/// Encodes as many records as there is room for, at least one. Returns their sizes.
fn fill(buffer: &mut Vec<u8>, salt: u32, records: &[Pending], room: u64) -> Vec<u32> {
    buffer.clear();
    let mut sizes = Vec::new();
    for record in records {
        let start = buffer.len();
        let bytes = (start as u64).saturating_add(size_of(record));
        if !sizes.is_empty() && bytes > room.min(LARGEST_WRITE) {
            break;
        }
        let Some(preamble) = Preamble::new(&record.subject, &record.cause) else {
            break;
        };
        let Preamble { fixed, reason } = &preamble;
        let subject = record.subject.as_bytes();
        let parts: [&[u8]; 4] = [fixed, subject, reason.as_bytes(), &record.event];
        frame::encode(buffer, salt, record.id, &parts);
        sizes.push(u32::try_from(buffer.len() - start).unwrap_or(u32::MAX));
    }
    sizes
}

fn places(key: u32, number: u64, start: u64, sizes: &[u32]) -> impl Iterator<Item = Written> {
    let mut offset = u32::try_from(start).unwrap_or(u32::MAX);
    sizes.iter().map(move |size| {
        let place = Written {
            key,
            number,
            offset,
            size: *size,
        };
        offset = offset.saturating_add(*size);
        place
    })
}

fn segments_of(ground: &Ground<'_>, area: Area) -> Vec<(u32, SegmentInfo)> {
    ground.shared.index().segments(area).collect()
}

fn is_empty(info: &SegmentInfo) -> bool {
    info.live == 0 && !info.pinned
}

const HEADER: u64 = header::LENGTH as u64;
const LARGEST_WRITE: u64 = 4 << 20;
/// The buffer of a large group is given back, a smaller one is used again.
const IDLE_BUFFER: usize = 1 << 20;
