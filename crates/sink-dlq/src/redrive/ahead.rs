use std::collections::HashMap;

use super::agenda::Key;
use crate::core::Core;
use crate::{Limit, Record, RecordId, SpoolError};

/// Records read before they are due, since they stand by others that are.
#[derive(Debug, Default)]
pub(crate) struct Ahead {
    records: HashMap<RecordId, Record>,
    bytes: usize,
}

impl Ahead {
    /// Keeps a record that was taken too early.
    pub(crate) fn put_back(&mut self, record: Record) {
        self.put(record);
    }

    /// Takes the first of `wanted`, which are in order, reading it and its neighbours if need be;
    /// `None` when it is not there any more.
    ///
    /// # Errors
    /// Where that one cannot be read now.
    pub(crate) async fn take(
        &mut self,
        core: &Core,
        wanted: &[(RecordId, Key)],
    ) -> Result<Option<Record>, SpoolError> {
        let Some((id, (area, _))) = wanted.first() else {
            return Ok(None);
        };
        if let Some(record) = self.drop(*id) {
            return Ok(Some(record));
        }
        if self.bytes >= ROOM {
            *self = Self::default();
        }
        let run = run(wanted);
        if run.records > 1 {
            match core.spool.next(*area, before(*id), run).await {
                Ok(records) => records.into_iter().for_each(|record| self.put(record)),
                // Not all of them need be as bad.
                Err(SpoolError::Io { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        // What is there and was passed over has something to say of itself.
        match self.drop(*id) {
            Some(record) => Ok(Some(record)),
            None => core.spool.get(*id).await,
        }
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

/// Bytes of records past which those that were read in vain are forgotten.
const ROOM: usize = 16 << 20;
