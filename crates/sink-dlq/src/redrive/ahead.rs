use std::collections::HashMap;

use super::agenda::Key;
use crate::core::Core;
use crate::{Area, Limit, Record, RecordId, SpoolError};

/// Records read before they are due, as many as there is room for.
#[derive(Debug, Default)]
pub(crate) struct Ahead {
    records: HashMap<RecordId, Record>,
    bytes: usize,
}

impl Ahead {
    /// Reads what follows `after` in an area.
    pub(crate) async fn look(
        core: &Core,
        area: Area,
        after: Option<RecordId>,
    ) -> Result<Vec<Record>, SpoolError> {
        core.spool.next(area, after, PAGE).await
    }

    /// Keeps the record, if there is room.
    pub(crate) fn keep(&mut self, record: Record) {
        if self.bytes < ROOM {
            self.put(record);
        }
    }

    /// Takes the first of `wanted`, which are in order, reading it and its neighbours if need be;
    /// `None` when it is not there any more.
    pub(crate) async fn take(
        &mut self,
        core: &Core,
        wanted: &[(RecordId, Key)],
    ) -> Result<Option<Record>, SpoolError> {
        let Some((id, (area, _))) = wanted.first() else {
            return Ok(None);
        };
        if !self.records.contains_key(id) {
            let run = run(wanted);
            if run.records == 1 {
                return core.spool.get(*id).await;
            }
            for record in core.spool.next(*area, before(*id), run).await? {
                self.put(record);
            }
        }
        Ok(self.drop(*id))
    }

    /// Forgets a record; what it was.
    pub(crate) fn drop(&mut self, id: RecordId) -> Option<Record> {
        let record = self.records.remove(&id)?;
        self.bytes = self.bytes.saturating_sub(weight(&record));
        Some(record)
    }

    fn put(&mut self, record: Record) {
        self.drop(record.id);
        self.bytes += weight(&record);
        self.records.insert(record.id, record);
    }
}

/// How much to read at once for the first of `wanted`: up to the last that stands close by.
fn run(wanted: &[(RecordId, Key)]) -> Limit {
    let (mut first, mut last) = (None, 0);
    for (id, (area, _)) in wanted {
        let (start, place) = *first.get_or_insert((id.number(), *area));
        let gap = id.number().saturating_sub(last.max(start));
        if place != *area || gap > NEAR {
            break;
        }
        last = id.number();
    }
    let start = first.map_or(last, |(start, _)| start);
    let span = last.saturating_sub(start).saturating_add(1);
    Limit {
        records: usize::try_from(span).unwrap_or(usize::MAX),
        ..PAGE
    }
}

/// The id in front of which nothing is missed when reading on from it.
fn before(id: RecordId) -> Option<RecordId> {
    id.number().checked_sub(1).map(RecordId::new)
}

fn weight(record: &Record) -> usize {
    // What a record takes beside its bytes: attributes, parsed, and its place in the map.
    record.event.bytes().len() * 2 + 512
}

/// How far apart records may stand to be read at once.
const NEAR: u64 = 4;

/// How much is read at once.
const PAGE: Limit = Limit {
    records: 512,
    bytes: 1 << 20,
};

/// Bytes of records that are kept.
const ROOM: usize = 16 << 20;
