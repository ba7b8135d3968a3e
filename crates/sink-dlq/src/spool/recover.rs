//! Opening: the segments alone say what is there. Damage is copied away and reported, and what
//! stands behind it recovered.

use std::collections::BTreeSet;
use std::path::Path;

use events_disk::{Fs, Stat, check_file, make_dir};

use super::area::PerArea;
use super::header::{Identity, StoreId, file_name};
use super::identity;
use super::index::{Index, NewSlot, SegmentInfo, Slot};
use super::log::Log;
use super::payload::Payload;
use super::quarantine::{Kept, Quarantine, Range};
use super::removals::{Removals, Removed};
use super::scan::Gap;
use super::segment::UNFINISHED;
use super::survey::{Found, Surveyed, is_removed, numbers, store_in, survey};
use super::{Area, Damage, OpenError, OpenReport, RecordId, TornTail};

/// What a directory holds, taken over.
pub(crate) struct Recovered {
    pub(crate) store: StoreId,
    pub(crate) logs: PerArea<Log>,
    pub(crate) index: Index,
    pub(crate) report: OpenReport,
    /// The highest number that may have been given to a record or segment.
    pub(crate) highest: u64,
    pub(crate) formers: Vec<Former>,
}

/// A place of a record that also stands elsewhere, where it counts: a move did not come to its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Former {
    pub(crate) id: u64,
    pub(crate) area: Area,
    pub(crate) slot: Slot,
}

pub(crate) fn recover(
    fs: &dyn Fs,
    dir: &Path,
    quarantine: &mut Quarantine,
) -> Result<Recovered, OpenError> {
    let mut names = PerArea::<Vec<String>>::default();
    for area in Area::EACH {
        *names.of_mut(area) = take_dir(fs, &dir.join(area.as_str()))?;
    }
    let store = store_id(fs, dir, &names)?;
    let mut recovery = Recovery {
        fs,
        dir,
        store,
        quarantine,
        index: Index::default(),
        report: OpenReport::default(),
        highest: 0,
        slack: 0,
        formers: Vec::new(),
    };
    let logs = PerArea::try_new(|area| recovery.area(area, names.of(area)))?;
    recovery.settle_doubles();
    let Recovery {
        index,
        mut report,
        highest,
        slack,
        formers,
        ..
    } = recovery;
    report.records = Area::EACH.iter().map(|area| index.count(*area)).sum();
    Ok(Recovered {
        store,
        logs,
        index,
        report,
        highest: highest.saturating_add(slack),
        formers,
    })
}

struct Recovery<'a> {
    fs: &'a dyn Fs,
    dir: &'a Path,
    store: StoreId,
    quarantine: &'a mut Quarantine,
    index: Index,
    report: OpenReport,
    highest: u64,
    /// How many ids the damaged bytes may have held.
    slack: u64,
    formers: Vec<Former>,
}

impl Recovery<'_> {
    fn area(&mut self, area: Area, names: &[String]) -> Result<Log, OpenError> {
        let dir = self.dir.join(area.as_str());
        let identity = |number| Identity {
            store: self.store,
            area,
            number,
        };
        let removals = Removals::new(&dir, identity(0));
        let removed = removals.read(self.fs).unwrap_or_else(|error| {
            tracing::warn!(%area, %error, "cannot read what was removed: it is delivered again");
            Vec::new()
        });
        let removed_ids = removed.iter().map(|removed| removed.id);
        self.highest = removed_ids.fold(self.highest, u64::max);
        let numbers = numbers(names);
        for number in &numbers {
            self.highest = self.highest.max(*number);
            let is_last = numbers.last() == Some(number);
            let identity = Identity {
                store: self.store,
                area,
                number: *number,
            };
            self.segment(&dir, identity, &removed, is_last)?;
        }
        self.settle_area(&dir, numbers.last().copied())?;
        Ok(Log::new(area, dir, removals))
    }

    fn segment(
        &mut self,
        dir: &Path,
        identity: Identity,
        removed: &[Removed],
        is_last: bool,
    ) -> Result<(), OpenError> {
        let Identity { area, number, .. } = identity;
        let path = dir.join(identity.file_name());
        let failed = |doing| {
            let path = path.clone();
            move |source| OpenError::io(doing, path, source)
        };
        let stat = self.fs.stat(&path).map_err(failed("look at"))?;
        check_file(&path, &stat)?;
        let key = self.index.add_segment(SegmentInfo {
            number,
            area,
            bytes: stat.length,
            live: 0,
            pinned: false,
        });
        let mut strange = Vec::new();
        let surveyed = survey(self.fs, &path, identity, &mut |offset, size, frame| {
            self.highest = self.highest.max(frame.id);
            let place = (u32::try_from(offset), u32::try_from(size));
            let payload = Payload::parse(frame.payload);
            let (Some(payload), (Ok(offset_32), Ok(size_32))) = (payload, place) else {
                strange.push(Gap {
                    from: offset,
                    to: offset + size as u64,
                    after: Some(frame.id),
                    before: Some(frame.id),
                });
                return;
            };
            if is_removed(removed, frame.id, number, offset_32) {
                return;
            }
            let former = self.index.insert(
                area,
                NewSlot {
                    id: frame.id,
                    segment: key,
                    offset: offset_32,
                    size: size_32,
                    subject: payload.subject,
                    first_failed: payload.cause.first_failed,
                },
            );
            let id = frame.id;
            self.formers
                .extend(former.map(|slot| Former { id, area, slot }));
        });
        match surveyed.map_err(failed("read"))? {
            Surveyed::Newer(version) => Err(OpenError::Newer { path, version }),
            Surveyed::Foreign => {
                let path = path.display();
                tracing::error!(%path, "left alone a segment of another spool, or renamed");
                self.index.remove_segment(key);
                self.report.headless.push(identity.file_name());
                Ok(())
            }
            Surveyed::Ours(found) => {
                self.take_over(&path, identity, key, &stat, found, strange, is_last);
                Ok(())
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one segment's facts, used once")]
    fn take_over(
        &mut self,
        path: &Path,
        identity: Identity,
        key: u32,
        stat: &Stat,
        found: Found,
        strange: Vec<Gap>,
        is_last: bool,
    ) {
        self.report.segments += 1;
        let name = identity.file_name();
        if !found.has_header {
            tracing::warn!(
                segment = name,
                "a segment's header is damaged: read without it"
            );
            self.report.headless.push(name.clone());
        }
        let tail = found.tail();
        let is_torn = is_last && found.is_torn();
        let mut gaps = found.scan.gaps;
        gaps.extend(strange);
        if let Some(tail) = tail {
            if is_torn {
                self.tear(path, identity, key, stat, tail);
            } else {
                gaps.push(tail);
            }
        }
        if let Some(info) = self.index.segment_mut(key) {
            info.pinned = found.unreadable;
        }
        for gap in gaps {
            self.damage(path, identity, gap, found.unreadable);
        }
    }

    /// What a write under way left, which was never acknowledged. Nothing is appended behind it,
    /// so where it cannot be cut off it does no harm.
    fn tear(&mut self, path: &Path, identity: Identity, key: u32, stat: &Stat, tail: Gap) {
        let (segment, bytes) = (identity.file_name(), tail.to - tail.from);
        self.slack += bytes / SMALLEST_FRAME + 1;
        tracing::warn!(
            area = %identity.area,
            segment,
            offset = tail.from,
            bytes,
            "cut off a torn tail, which was never acknowledged"
        );
        // A second name is a backup's, made of what the segment was then.
        if stat.links == 1 {
            let cut = self.fs.open(path).and_then(|file| {
                self.fs.set_len(&file, tail.from)?;
                self.fs.sync_all(&file)
            });
            match cut {
                Ok(()) => {
                    if let Some(info) = self.index.segment_mut(key) {
                        info.bytes = tail.from;
                    }
                }
                Err(error) => {
                    tracing::warn!(path = %path.display(), %error, "cannot cut off a torn tail");
                }
            }
        }
        self.report.torn.push(TornTail {
            area: identity.area,
            segment,
            offset: tail.from,
            bytes,
        });
    }

    fn damage(&mut self, path: &Path, identity: Identity, gap: Gap, unreadable: bool) {
        let bytes = gap.to - gap.from;
        self.slack += bytes / SMALLEST_FRAME + 1;
        let kept = if unreadable {
            Kept::Not
        } else {
            let range = Range {
                path,
                area: identity.area.as_str(),
                segment: identity.number,
                offset: gap.from,
                bytes,
            };
            self.quarantine.keep(self.fs, &range)
        };
        let segment = file_name(identity.number);
        if kept != Kept::Before {
            tracing::error!(
                area = %identity.area,
                segment,
                offset = gap.from,
                bytes,
                after = gap.after,
                before = gap.before,
                in_quarantine = kept == Kept::Now,
                "found damage in the spool: records are lost between these two"
            );
        }
        self.report.damaged.push(Damage {
            area: identity.area,
            segment,
            offset: gap.from,
            bytes,
            after: gap.after.map(RecordId::new),
            before: gap.before.map(RecordId::new),
            unreadable,
        });
    }

    /// A run that was killed may have left a group that never reached the disk: nothing is built
    /// on it before it has.
    fn settle_area(&self, dir: &Path, last: Option<u64>) -> Result<(), OpenError> {
        if let Some(last) = last {
            let path = dir.join(file_name(last));
            self.fs
                .open(&path)
                .and_then(|file| self.fs.sync_all(&file))
                .map_err(|source| OpenError::io("sync", path, source))?;
        }
        self.fs
            .sync_dir(dir)
            .map_err(|source| OpenError::io("sync the directory", dir, source))
    }

    /// Of a record that stands in several areas, the one furthest along counts.
    fn settle_doubles(&mut self) {
        let pairs = [
            (Area::Waiting, Area::SetAside),
            (Area::Waiting, Area::Dead),
            (Area::SetAside, Area::Dead),
        ];
        for (area, further) in pairs {
            for id in self.index.shared_with(area, further) {
                let slot = self.index.remove(area, id);
                self.formers
                    .extend(slot.map(|slot| Former { id, area, slot }));
            }
        }
    }
}

/// The store's id: what `STORE` says, else what a segment says, else a new one.
fn store_id(fs: &dyn Fs, dir: &Path, names: &PerArea<Vec<String>>) -> Result<StoreId, OpenError> {
    identity::check(fs, dir)?;
    if let Some(id) = identity::read(fs, dir)? {
        return Ok(id);
    }
    let paths = Area::EACH.into_iter().flat_map(|area| {
        let dir = dir.join(area.as_str());
        let numbers = numbers(names.of(area)).into_iter();
        numbers.map(move |number| dir.join(file_name(number)))
    });
    let found = paths.into_iter().find_map(|path| store_in(fs, &path));
    let id = found.unwrap_or_else(identity::random);
    identity::write(fs, dir, &id)?;
    Ok(id)
}

/// Makes an area's directory where there is none. Returns the names in it, but for files that
/// were never finished, which it removes.
fn take_dir(fs: &dyn Fs, dir: &Path) -> Result<Vec<String>, OpenError> {
    make_dir(fs, dir)?;
    let names = fs
        .names(dir)
        .map_err(|source| OpenError::io("list", dir, source))?;
    let (unfinished, names): (BTreeSet<String>, BTreeSet<String>) =
        names.into_iter().partition(|name| {
            let extension = Path::new(name).extension();
            extension.is_some_and(|extension| extension == UNFINISHED)
        });
    for name in unfinished {
        // Where it stays, it is in nobody's way.
        drop(fs.remove(&dir.join(name)));
    }
    Ok(names.into_iter().collect())
}

const SMALLEST_FRAME: u64 = 24;
