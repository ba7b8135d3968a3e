//! What the index knows without the disk.

use std::sync::Arc;

use super::{Area, RecordId, Spool};

impl Spool {
    /// The live records of an area behind `after`, and their subjects, `limit` at most.
    pub(crate) fn behind(
        &self,
        area: Area,
        after: Option<RecordId>,
        limit: usize,
    ) -> Vec<(RecordId, Arc<str>)> {
        let index = self.shared().index();
        let mut found = Vec::new();
        let mut after = after.map(RecordId::number);
        while found.len() < limit
            && let Some((id, slot)) = index.behind(area, after)
        {
            after = Some(id);
            found.extend(
                index
                    .subject(slot)
                    .map(|subject| (RecordId::new(id), subject)),
            );
        }
        found
    }

    /// Where a record stands, and its subject; `None` when it is not there.
    pub(crate) fn find(&self, id: RecordId) -> Option<(Area, Arc<str>)> {
        let index = self.shared().index();
        let (area, slot) = index.find(id.number())?;
        Some((area, index.subject(slot)?))
    }

    /// Whether a record may have had this id: not beyond the highest that was ever given, and some
    /// below were given to segments.
    pub(crate) fn may_have_had(&self, id: RecordId) -> bool {
        (1..=self.shared().figures().highest).contains(&id.number())
    }

    /// These records belong in another area, which has no room for them. They hold up no later
    /// ones of their subject, wherever they stand, until a restart.
    pub(crate) fn disregard(&self, ids: impl IntoIterator<Item = RecordId>) {
        let mut index = self.shared().index();
        for id in ids {
            index.disregard(id.number());
        }
    }
}
