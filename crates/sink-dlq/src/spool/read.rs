use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::iter::FusedIterator;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::vec;

use bytes::Bytes;
use events_core::WireEvent;
use events_disk::{Fs as _, OsFs};

use super::frame::check;
use super::header::{Identity, StoreId, file_name};
use super::identity;
use super::load::place_of;
use super::payload::Payload;
use super::removals::Removals;
use super::scan::Gap;
use super::survey::{Found, Surveyed, is_removed, numbers, store_in, survey};
use super::window::read_exact;
use super::{Area, Damage, OpenError, Record, RecordId, TornTail};

/// What a spool holds where a record should be. Reading goes on behind it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// An area's last segment ends within a record: an append that failed or is under way. Never
    /// acknowledged.
    #[error("read a whole record at {}:{}, where {} bytes end the segment", .0.segment, .0.offset, .0.bytes)]
    TornTail(TornTail),
    /// Something else stands there than was written.
    #[error("read {}:{}, where {} bytes are damaged", .0.segment, .0.offset, .0.bytes)]
    Damaged(Damage),
    /// The file system refuses, or the file is not this spool's.
    #[error("read {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
}

/// The live records of the spool in `dir`, area by area in the order of their ids, and what is
/// damaged, which comes first. Takes no lock and changes nothing, so it can be a spool that is
/// held, or a copy: records that are removed meanwhile are passed over.
///
/// # Errors
/// Where a later release wrote the spool, or the directory cannot be read.
pub fn read(dir: &Path) -> Result<Records, OpenError> {
    let mut walk = Walk {
        store: StoreId::default(),
        live: BTreeMap::new(),
        errors: Vec::new(),
    };
    let mut areas = Vec::new();
    for area in Area::EACH {
        let dir = dir.join(area.as_str());
        let names = match OsFs.names(&dir) {
            Ok(names) => names,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(OpenError::io("list", dir, error)),
        };
        areas.push((area, dir, numbers(&names)));
    }
    let stored = identity::read(&OsFs, dir)?;
    let paths = areas.iter().flat_map(|(_, dir, numbers)| {
        let path = |number: &u64| dir.join(file_name(*number));
        numbers.iter().map(path)
    });
    let found = || paths.into_iter().find_map(|path| store_in(&OsFs, &path));
    walk.store = stored.or_else(found).unwrap_or_default();
    for (area, dir, numbers) in &areas {
        walk.area(*area, dir, numbers)?;
    }
    let mut live: Vec<(u64, Live)> = walk.live.into_iter().collect();
    live.sort_by_key(|(id, live)| (live.identity.area, *id));
    Ok(Records {
        errors: walk.errors.into_iter(),
        live: live.into_iter(),
        open: None,
    })
}

/// What [`read`] finds.
#[derive(Debug)]
pub struct Records {
    errors: vec::IntoIter<ReadError>,
    live: vec::IntoIter<(u64, Live)>,
    open: Option<(Arc<Path>, File)>,
}

/// Where a record stands.
#[derive(Clone, Debug)]
struct Live {
    path: Arc<Path>,
    identity: Identity,
    offset: u32,
    size: u32,
}

struct Walk {
    store: StoreId,
    live: BTreeMap<u64, Live>,
    errors: Vec<ReadError>,
}

impl Walk {
    fn area(&mut self, area: Area, dir: &Path, numbers: &[u64]) -> Result<(), OpenError> {
        let store = self.store;
        let identity = |number| Identity {
            store,
            area,
            number,
        };
        let removals = Removals::new(dir, identity(0));
        let removed = removals.read(&OsFs).unwrap_or_else(|source| {
            let path = dir.to_owned();
            self.errors.push(ReadError::Io { path, source });
            Vec::new()
        });
        for number in numbers {
            let identity = identity(*number);
            let path: Arc<Path> = dir.join(identity.file_name()).into();
            // What comes later, or stands further along, takes the place of what was found.
            let surveyed = survey(&OsFs, &path, identity, &mut |offset, size, frame| {
                let (Ok(offset), Ok(size)) = (u32::try_from(offset), u32::try_from(size)) else {
                    return;
                };
                if !is_removed(&removed, frame.id, *number, offset) {
                    let live = Live {
                        path: Arc::clone(&path),
                        identity,
                        offset,
                        size,
                    };
                    self.live.insert(frame.id, live);
                }
            });
            let is_last = numbers.last() == Some(number);
            match surveyed {
                Ok(Surveyed::Ours(found)) => self.note(identity, &found, is_last),
                Ok(Surveyed::Newer(version)) => {
                    let path = path.to_path_buf();
                    return Err(OpenError::Newer { path, version });
                }
                Ok(Surveyed::Foreign) => {
                    let strange = "is a segment of another spool, or renamed";
                    self.errors.push(ReadError::Io {
                        path: path.to_path_buf(),
                        source: io::Error::new(io::ErrorKind::InvalidData, strange),
                    });
                }
                // It was removed meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => {
                    let path = path.to_path_buf();
                    self.errors.push(ReadError::Io { path, source });
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, identity: Identity, found: &Found, is_last: bool) {
        let damage = |gap: &Gap| damage(identity, gap, found.unreadable);
        self.errors.extend(found.scan.gaps.iter().map(damage));
        match found.tail() {
            Some(tail) if is_last && found.is_torn() => {
                self.errors.push(ReadError::TornTail(TornTail {
                    area: identity.area,
                    segment: identity.file_name(),
                    offset: tail.from,
                    bytes: tail.to - tail.from,
                }));
            }
            tail => self.errors.extend(tail.as_ref().map(damage)),
        }
    }
}

impl Records {
    /// The record `id`, which need not come next; `None` where there is none, or no more.
    pub fn get(&mut self, id: RecordId) -> Option<Result<Record, ReadError>> {
        let mut ahead = self.live.as_slice().iter();
        let (number, live) = ahead.find(|(number, _)| *number == id.number())?.clone();
        self.load(number, &live)
    }

    fn load(&mut self, id: u64, live: &Live) -> Option<Result<Record, ReadError>> {
        let bytes = match self.bytes(live) {
            Ok(bytes) => bytes,
            // It was removed meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(source) => {
                let path = live.path.to_path_buf();
                return Some(Err(ReadError::Io { path, source }));
            }
        };
        let Live {
            identity, offset, ..
        } = live;
        let record = check(&bytes, identity.salt()).and_then(|frame| {
            let payload = Payload::parse(frame.payload)?;
            let event = Bytes::copy_from_slice(payload.event);
            Some(Record {
                id: RecordId::new(id),
                area: identity.area,
                subject: payload.subject.to_owned(),
                cause: payload.cause,
                event: WireEvent::from_bytes(event).ok()?,
                place: place_of(identity.number, *offset),
            })
        });
        let from = u64::from(*offset);
        let gap = Gap {
            from,
            to: from + u64::from(live.size),
            after: Some(id),
            before: Some(id),
        };
        Some(record.ok_or_else(|| damage(*identity, &gap, false)))
    }

    fn bytes(&mut self, live: &Live) -> io::Result<Vec<u8>> {
        let file = match self.open.take() {
            Some((path, file)) if path == live.path => file,
            _ => OsFs.open_to_read(&live.path)?,
        };
        let size = live.size as usize;
        let bytes = read_exact(&OsFs, &file, live.offset.into(), size)?;
        self.open = Some((Arc::clone(&live.path), file));
        Ok(bytes)
    }
}

impl Iterator for Records {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.errors.next() {
            return Some(Err(error));
        }
        loop {
            let (id, live) = self.live.next()?;
            if let Some(item) = self.load(id, &live) {
                return Some(item);
            }
        }
    }
}

impl FusedIterator for Records {}

fn damage(identity: Identity, gap: &Gap, unreadable: bool) -> ReadError {
    ReadError::Damaged(Damage {
        area: identity.area,
        segment: identity.file_name(),
        offset: gap.from,
        bytes: gap.to - gap.from,
        after: gap.after.map(RecordId::new),
        before: gap.before.map(RecordId::new),
        unreadable,
    })
}
