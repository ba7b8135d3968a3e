use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use events_core::ErrorKind;

use super::area::PerArea;
use super::{Area, AreaStatus, Cause, QuarantineStatus, RecordId, State, Status};

/// Where every live record stands, in memory. Some 50 bytes a record.
#[derive(Debug, Default)]
pub(crate) struct Index {
    records: PerArea<BTreeMap<u64, Slot>>,
    segments: BTreeMap<u32, SegmentInfo>,
    last_key: u32,
    subjects: Subjects,
    /// Waiting records that hold up no later ones of their subject.
    disregarded: HashSet<u64>,
    attempts: HashMap<u64, Attempted>,
}

/// Where a record stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    /// The segment's key in the index.
    pub(crate) segment: u32,
    pub(crate) offset: u32,
    /// Bytes of the whole frame.
    pub(crate) size: u32,
    subject: u32,
    /// Seconds since 1970, for the age.
    first_failed: u32,
}

/// A record about to be put into the index.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewSlot<'a> {
    pub(crate) id: u64,
    pub(crate) segment: u32,
    pub(crate) offset: u32,
    pub(crate) size: u32,
    pub(crate) subject: &'a str,
    pub(crate) first_failed: SystemTime,
}

/// A segment, and what is needed of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SegmentInfo {
    pub(crate) number: u64,
    pub(crate) area: Area,
    /// Bytes of the file.
    pub(crate) bytes: u64,
    pub(crate) live: u32,
    /// Whether it stays although no record of it is live: some of it could not be read.
    pub(crate) pinned: bool,
}

/// A delivery that failed.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) kind: ErrorKind,
    pub(crate) reason: Arc<str>,
    pub(crate) at: SystemTime,
}

#[derive(Debug)]
struct Attempted {
    count: u32,
    last: Attempt,
}

impl Index {
    /// Adds a segment, which is newer than all others of its area.
    pub(crate) fn add_segment(&mut self, info: SegmentInfo) -> u32 {
        self.last_key = self.last_key.wrapping_add(1);
        self.segments.insert(self.last_key, info);
        self.last_key
    }

    pub(crate) fn segment(&self, key: u32) -> Option<SegmentInfo> {
        self.segments.get(&key).copied()
    }

    pub(crate) fn segment_mut(&mut self, key: u32) -> Option<&mut SegmentInfo> {
        self.segments.get_mut(&key)
    }

    pub(crate) fn remove_segment(&mut self, key: u32) {
        self.segments.remove(&key);
    }

    /// The segments of an area, oldest first.
    pub(crate) fn segments(&self, area: Area) -> impl Iterator<Item = (u32, SegmentInfo)> {
        let all = self.segments.iter().map(|(key, info)| (*key, *info));
        all.filter(move |(_, info)| info.area == area)
    }

    pub(crate) fn bytes(&self, area: Area) -> u64 {
        self.segments(area).map(|(_, info)| info.bytes).sum()
    }

    /// Puts a record in; one of the same id in the same area makes way, and is returned.
    pub(crate) fn insert(&mut self, area: Area, new: NewSlot<'_>) -> Option<Slot> {
        let slot = Slot {
            segment: new.segment,
            offset: new.offset,
            size: new.size,
            subject: self.subjects.enter(new.subject, area),
            first_failed: seconds(new.first_failed),
        };
        if let Some(info) = self.segments.get_mut(&new.segment) {
            info.live += 1;
        }
        let former = self.records.of_mut(area).insert(new.id, slot);
        if let Some(former) = former {
            self.let_go(area, new.id, former);
        }
        former
    }

    pub(crate) fn remove(&mut self, area: Area, id: u64) -> Option<Slot> {
        let slot = self.records.of_mut(area).remove(&id)?;
        self.let_go(area, id, slot);
        Some(slot)
    }

    /// Forgets what was noted of a record that is nowhere any more.
    pub(crate) fn forget_attempts(&mut self, id: u64) {
        self.attempts.remove(&id);
    }

    /// Keeps a segment although no record of it is live.
    pub(crate) fn pin(&mut self, key: u32) {
        if let Some(info) = self.segments.get_mut(&key) {
            info.pinned = true;
        }
    }

    /// Keeps a segment for its live records alone.
    pub(crate) fn unpin(&mut self, key: u32) {
        if let Some(info) = self.segments.get_mut(&key) {
            info.pinned = false;
        }
    }

    /// The ids of an area's records that another area has as well.
    pub(crate) fn shared_with(&self, area: Area, other: Area) -> Vec<u64> {
        let others = self.records.of(other);
        let ids = self.records.of(area).keys();
        ids.filter(|id| others.contains_key(id)).copied().collect()
    }

    pub(crate) fn find(&self, id: u64) -> Option<(Area, Slot)> {
        Area::EACH
            .into_iter()
            .find_map(|area| Some((area, *self.records.of(area).get(&id)?)))
    }

    pub(crate) fn has(&self, area: Area, id: u64) -> bool {
        self.records.of(area).contains_key(&id)
    }

    /// The record of an area behind `after`.
    pub(crate) fn behind(&self, area: Area, after: Option<u64>) -> Option<(u64, Slot)> {
        let from = after.map_or(Some(0), |after| after.checked_add(1))?;
        let mut records = self.records.of(area).range(from..);
        records.next().map(|(id, slot)| (*id, *slot))
    }

    pub(crate) fn count(&self, area: Area) -> usize {
        self.records.of(area).len()
    }

    pub(crate) fn subject(&self, slot: Slot) -> Option<Arc<str>> {
        self.subjects.name(slot.subject)
    }

    /// From now on the record holds up no later ones of its subject, although it waits.
    pub(crate) fn disregard(&mut self, id: u64) {
        if let Some(slot) = self.records.of(Area::Waiting).get(&id)
            && self.disregarded.insert(id)
        {
            self.subjects.no_longer_waits(slot.subject);
        }
    }

    pub(crate) fn waiting_of(&self, subject: &str) -> usize {
        self.subjects.waiting(subject)
    }

    pub(crate) fn note_attempt(&mut self, ids: &[RecordId], attempt: &Attempt) {
        for id in ids {
            if self.find(id.number()).is_some() {
                let last = attempt.clone();
                let attempted = self.attempts.entry(id.number());
                attempted
                    .and_modify(|known| {
                        known.count = known.count.saturating_add(1);
                        known.last = last.clone();
                    })
                    .or_insert(Attempted { count: 1, last });
            }
        }
    }

    /// Adds to a stored cause what was noted since.
    pub(crate) fn bring_up_to_date(&self, id: u64, cause: &mut Cause) {
        if let Some(Attempted { count, last }) = self.attempts.get(&id) {
            cause.attempts = cause.attempts.saturating_add(*count);
            cause.kind = last.kind;
            last.reason.as_ref().clone_into(&mut cause.reason);
            cause.last_failed = last.at;
        }
    }

    fn let_go(&mut self, area: Area, id: u64, slot: Slot) {
        if area == Area::Waiting && !self.disregarded.remove(&id) {
            self.subjects.no_longer_waits(slot.subject);
        }
        self.subjects.leave(slot.subject);
        if let Some(info) = self.segments.get_mut(&slot.segment) {
            info.live = info.live.saturating_sub(1);
        }
    }

    fn oldest(&self, area: Area) -> Option<SystemTime> {
        let (_, slot) = self.records.of(area).first_key_value()?;
        Some(UNIX_EPOCH + Duration::from_secs(slot.first_failed.into()))
    }
}

/// Subjects, each once, by number.
#[derive(Debug, Default)]
struct Subjects {
    numbers: HashMap<Arc<str>, u32>,
    known: Vec<Option<Subject>>,
    free: Vec<u32>,
}

#[derive(Debug)]
struct Subject {
    name: Arc<str>,
    records: usize,
    waiting: usize,
}

impl Subjects {
    fn enter(&mut self, name: &str, area: Area) -> u32 {
        let number = self.numbers.get(name).copied();
        let number = number.unwrap_or_else(|| self.add(name));
        if let Some(subject) = self.subject(number) {
            subject.records += 1;
            subject.waiting += usize::from(area == Area::Waiting);
        }
        number
    }

    fn no_longer_waits(&mut self, number: u32) {
        if let Some(subject) = self.subject(number) {
            subject.waiting -= 1;
        }
    }

    fn name(&self, number: u32) -> Option<Arc<str>> {
        let subject = self.known.get(number as usize)?.as_ref()?;
        Some(Arc::clone(&subject.name))
    }

    fn leave(&mut self, number: u32) {
        let Some(subject) = self.subject(number) else {
            return;
        };
        subject.records -= 1;
        if subject.records == 0 {
            let name = Arc::clone(&subject.name);
            self.numbers.remove(&name);
            if let Some(place) = self.known.get_mut(number as usize) {
                *place = None;
            }
            self.free.push(number);
        }
    }

    fn add(&mut self, name: &str) -> u32 {
        let name: Arc<str> = Arc::from(name);
        let subject = Subject {
            name: Arc::clone(&name),
            records: 0,
            waiting: 0,
        };
        let number = self.free.pop().unwrap_or_else(|| {
            self.known.push(None);
            u32::try_from(self.known.len() - 1).unwrap_or(u32::MAX)
        });
        if let Some(place) = self.known.get_mut(number as usize) {
            *place = Some(subject);
        }
        self.numbers.insert(name, number);
        number
    }

    fn waiting(&self, name: &str) -> usize {
        let subject = self.numbers.get(name).and_then(|number| {
            let subject = self.known.get(*number as usize)?;
            subject.as_ref()
        });
        subject.map_or(0, |subject| subject.waiting)
    }

    fn subject(&mut self, number: u32) -> Option<&mut Subject> {
        self.known.get_mut(number as usize)?.as_mut()
    }
}

/// The index and the writer's word, as handles see them.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    index: Mutex<Index>,
    figures: Mutex<Figures>,
}

/// What is not in the index.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) quarantine: QuarantineStatus,
    pub(crate) last_group: usize,
    /// The highest number that was ever given to a record or a segment.
    pub(crate) highest: u64,
    /// Why each area refused what it was last to take; nothing where it took it.
    pub(crate) failures: PerArea<Option<String>>,
}

impl Shared {
    pub(crate) fn new(index: Index) -> Self {
        Self {
            index: Mutex::new(index),
            figures: Mutex::default(),
        }
    }

    pub(crate) fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn figures(&self) -> MutexGuard<'_, Figures> {
        self.figures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn status(&self, now: SystemTime) -> Status {
        let figures = self.figures().clone();
        let index = self.index();
        let age = |oldest| now.duration_since(oldest).unwrap_or_default();
        let of = |area| AreaStatus {
            oldest_age: index.oldest(area).map(age),
            records: index.count(area),
            bytes: index.bytes(area),
            state: match figures.failures.of(area) {
                Some(reason) => State::Failed {
                    reason: reason.clone(),
                },
                None => State::Ok,
            },
        };
        let (waiting, set_aside, dead) = (of(Area::Waiting), of(Area::SetAside), of(Area::Dead));
        Status {
            state: waiting.state.clone(),
            bytes: waiting.bytes + set_aside.bytes + dead.bytes,
            waiting,
            set_aside,
            dead,
            quarantine: figures.quarantine,
            last_group: figures.last_group,
        }
    }
}

fn seconds(time: SystemTime) -> u32 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u32::try_from(since.as_secs()).unwrap_or(u32::MAX)
}
