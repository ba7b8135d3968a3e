use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use events_core::chained;
use events_disk::{Fs, Home, make_dir};

use super::area::PerArea;
use super::header::StoreId;
use super::index::{NewSlot, Shared, Slot};
use super::log::{Durable, Ground, Log, Pending, Written, size_of};
use super::payload::Preamble;
use super::quarantine::Quarantine;
use super::record::bounded;
use super::recover::{Former, Recovered, recover};
use super::removals::Removed;
use super::room::segment_bytes;
use super::{Area, Cause, Config, Entry, OpenError, OpenReport, RecordId, SpoolError, Stored};

/// The spool's files and the index of what is in them. Owned by the writer; any call may block on
/// the disk.
pub(crate) struct Store {
    pub(super) fs: Box<dyn Fs>,
    pub(super) config: Config,
    pub(super) store: StoreId,
    pub(super) shared: Arc<Shared>,
    pub(super) logs: PerArea<Log>,
    pub(super) quarantine: Quarantine,
    /// The segment that was read last.
    pub(super) reading: Option<(u32, File)>,
    /// The size of the last record that found no room, where that is why an area refuses.
    full: PerArea<Option<u64>>,
    /// Former places that are still needed.
    pub(super) unfinished: Vec<Former>,
    /// The last number given to a record or segment.
    counter: u64,
    _home: Home,
}

/// A record that is to stand somewhere.
#[derive(Debug)]
pub(crate) enum Write {
    New(Area, Entry),
    Move(RecordId, Area, Cause),
}

impl Store {
    pub(crate) fn open(
        fs: Box<dyn Fs>,
        dir: &Path,
        config: Config,
    ) -> Result<(Self, OpenReport), OpenError> {
        let home = Home::make(&*fs, dir)?;
        let kept = dir.join("quarantine");
        make_dir(&*fs, &kept)?;
        let mut quarantine = Quarantine::new(&*fs, kept, config.quarantine_bytes);
        let recovered = recover(&*fs, dir, &mut quarantine)?;
        let Recovered {
            store,
            logs,
            index,
            report,
            highest,
            formers,
        } = recovered;
        let mut store = Self {
            fs,
            counter: highest.max(config.ids_after),
            config,
            store,
            shared: Arc::new(Shared::new(index)),
            logs,
            quarantine,
            reading: None,
            full: PerArea::default(),
            unfinished: Vec::new(),
            _home: home,
        };
        store.shared.figures().quarantine = store.quarantine.status();
        store.shared.figures().highest = store.counter;
        store.finish_moves(&formers);
        store.tidy();
        Ok((store, report))
    }

    pub(crate) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// Writes records, each to its area in the given order, and waits for the disk: one sync for
    /// each file that grew. One result for each.
    pub(crate) fn write(&mut self, writes: Vec<Write>) -> Vec<Result<Stored, SpoolError>> {
        let mut results = Vec::with_capacity(writes.len());
        let mut pending = PerArea::<Vec<Pending>>::default();
        let mut moved = HashSet::new();
        for (write, request) in writes.into_iter().enumerate() {
            if let Write::Move(id, ..) = &request
                && !moved.insert(*id)
            {
                results.push(Err(SpoolError::Unknown { id: *id }));
                continue;
            }
            match self.prepare(write, request) {
                Ok((area, record)) => {
                    pending.of_mut(area).push(record);
                    results.push(Err(SpoolError::Closed));
                }
                Err(error) => results.push(Err(error)),
            }
        }
        let (mut count, mut has_failed) = (0, false);
        let mut durable = Durable::No;
        for area in Area::EACH {
            let records = std::mem::take(pending.of_mut(area));
            if records.is_empty() {
                continue;
            }
            let (log, ground, counter) = self.log(area);
            let (written, fault) = log.append(&ground, counter, &records);
            count += written.len();
            let refused = records.get(written.len()).map(size_of);
            let is_full = matches!(fault, Some(SpoolError::Full { .. }));
            // Where the disk refuses although room is measured, only a write can tell that it takes
            // records again.
            let (log, ground, _) = self.log(area);
            let is_short = |size: &u64| is_full && !log.has_room(&ground, *size);
            let short = refused.filter(is_short);
            *self.full.of_mut(area) = short;
            self.note(area, fault.as_ref());
            let keys: BTreeSet<u32> = written.iter().map(|place| place.key).collect();
            let mut written = written.into_iter();
            for record in records {
                let result = match written.next() {
                    Some(place) => {
                        if record.from.is_some_and(|from| from > area) {
                            durable = Durable::Yes;
                        }
                        Ok(self.place(area, &record, place))
                    }
                    None => Err(fault.clone().unwrap_or(SpoolError::Closed)),
                };
                if let Some(answer) = results.get_mut(record.write) {
                    *answer = result;
                }
            }
            let mut index = self.shared.index();
            for key in keys {
                index.unpin(key);
            }
            drop(index);
            has_failed |= fault.is_some();
        }
        let mut figures = self.shared.figures();
        figures.last_group = count;
        figures.highest = self.counter;
        drop(figures);
        self.flush_removals(durable).ok();
        if has_failed {
            self.tidy_all(false);
        }
        results
    }

    /// Removes records, wherever they stand. What a crash undoes of that comes back, unless it is
    /// to be durable.
    pub(crate) fn remove(&mut self, ids: &[RecordId], durable: Durable) -> Result<(), SpoolError> {
        for id in ids {
            let found = self.shared.index().find(id.number());
            if let Some((area, _)) = found {
                self.take_out(area, id.number());
                self.give_up_formers(id.number());
                self.shared.index().forget_attempts(id.number());
            }
        }
        let flushed = self.flush_removals(durable);
        self.tidy_all(false);
        match durable {
            Durable::Yes => flushed,
            Durable::No => Ok(()),
        }
    }

    /// What is done when there is nothing to write.
    pub(crate) fn tidy(&mut self) {
        self.flush_removals(Durable::No).ok();
        self.tidy_all(true);
    }

    /// Leaves everything in order for the next run.
    pub(crate) fn close(&mut self) {
        self.tidy();
        self.flush_removals(Durable::Yes).ok();
    }

    /// Takes a live record out of the index and notes that it is not needed where it stands.
    pub(super) fn take_out(&mut self, area: Area, id: u64) -> Option<Slot> {
        let slot = self.shared.index().remove(area, id)?;
        self.note_removed(area, id, slot);
        Some(slot)
    }

    /// Notes that a frame is not needed any more. That of a segment that is gone never is.
    pub(super) fn note_removed(&mut self, area: Area, id: u64, slot: Slot) {
        let segment = self.shared.index().segment(slot.segment);
        if let Some(segment) = segment {
            self.logs.of_mut(area).removals.add(Removed {
                id,
                segment: segment.number,
                offset: slot.offset,
            });
        }
    }

    /// What an area's log works with.
    pub(super) fn log(&mut self, area: Area) -> (&mut Log, Ground<'_>, &mut u64) {
        let ground = Ground {
            fs: &*self.fs,
            config: &self.config,
            store: self.store,
            shared: &self.shared,
        };
        (self.logs.of_mut(area), ground, &mut self.counter)
    }

    fn prepare(&mut self, write: usize, request: Write) -> Result<(Area, Pending), SpoolError> {
        let (area, mut pending) = match request {
            Write::New(
                area,
                Entry {
                    event,
                    subject,
                    cause,
                },
            ) => {
                self.counter += 1;
                let pending = Pending {
                    write,
                    id: self.counter,
                    subject,
                    cause,
                    event: event.bytes().clone(),
                    from: None,
                };
                (area, pending)
            }
            Write::Move(id, area, cause) => {
                let loaded = self.get(id)?.ok_or(SpoolError::Unknown { id })?;
                let pending = Pending {
                    write,
                    id: id.number(),
                    subject: loaded.subject,
                    cause,
                    event: loaded.event,
                    from: Some(loaded.area),
                };
                (area, pending)
            }
        };
        pending.cause.reason = bounded(&pending.cause.reason);
        let bytes = pending.subject.len();
        if Preamble::new(&pending.subject, &pending.cause).is_none() {
            let limit = usize::from(u16::MAX);
            return Err(SpoolError::TooLarge { bytes, limit });
        }
        Ok((area, pending))
    }

    /// Notes a record where it was written.
    fn place(&mut self, area: Area, record: &Pending, place: Written) -> Stored {
        if let Some(from) = record.from {
            self.take_out(from, record.id);
            self.give_up_formers(record.id);
        }
        let mut index = self.shared.index();
        index.forget_attempts(record.id);
        index.insert(
            area,
            NewSlot {
                id: record.id,
                segment: place.key,
                offset: place.offset,
                size: place.size,
                subject: &record.subject,
                first_failed: record.cause.first_failed,
            },
        );
        Stored {
            id: RecordId::new(record.id),
            place: super::load::place_of(place.number, place.offset),
        }
    }

    /// Says in the log when an area begins to refuse records and when it takes them again, once
    /// each.
    fn note(&self, area: Area, failure: Option<&SpoolError>) {
        let failure = failure.map(|error| chained(error));
        let mut figures = self.shared.figures();
        let before = figures.failures.of_mut(area);
        match (&failure, &before) {
            (Some(reason), None) => tracing::error!(%area, reason, "the spool takes no events"),
            (None, Some(_)) => tracing::info!(%area, "the spool takes events again"),
            _ => {}
        }
        *before = failure;
    }

    fn flush_removals(&mut self, durable: Durable) -> Result<(), SpoolError> {
        let mut result = Ok(());
        for area in Area::EACH {
            let (log, ground, _) = self.log(area);
            if let Err(error) = log.flush_removals(&ground, durable) {
                tracing::warn!(
                    error = chained(&error),
                    "cannot note what was removed: a restart would deliver it again"
                );
                result = Err(error);
            }
        }
        result
    }

    /// Frees what is not needed; also small files, when there is `time` for it.
    fn tidy_all(&mut self, time: bool) {
        for area in Area::EACH {
            let large = if time {
                super::header::LENGTH as u64
            } else {
                segment_bytes(&self.config, area) / 4
            };
            let (log, ground, counter) = self.log(area);
            log.tidy(&ground, counter, large);
            let Some(size) = *self.full.of(area) else {
                continue;
            };
            let (log, ground, _) = self.log(area);
            if log.has_room(&ground, size) {
                *self.full.of_mut(area) = None;
                self.note(area, None);
            }
        }
        self.reading = None;
    }
}
