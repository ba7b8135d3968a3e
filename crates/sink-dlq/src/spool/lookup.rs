//! What the index knows without the disk.

use super::{RecordId, Spool};

impl Spool {
    /// These records belong in another area, which has no room for them. They hold up no later
    /// ones of their subject, wherever they stand, until a restart.
    pub(crate) fn disregard(&self, ids: impl IntoIterator<Item = RecordId>) {
        let mut index = self.shared().index();
        for id in ids {
            index.disregard(id.number());
        }
    }
}
