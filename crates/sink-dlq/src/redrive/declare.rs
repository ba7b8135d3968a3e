use events_core::chained;
use tokio::task::yield_now;
use tokio::time::sleep;

use crate::core::Core;
use crate::{Area, RecordId, SpoolError};

impl Core {
    /// Declares the numbers of all records that no stream is to be expected to have, again and
    /// again those that cannot be read. Numbers that an altered record bears are anybody's, and say
    /// nothing.
    pub(super) async fn declare_kept(&self) {
        if self.config.signer.is_none() {
            return;
        }
        let mut left = Vec::new();
        for area in [Area::SetAside, Area::Dead] {
            let mut after = None;
            loop {
                let found = self.spool.behind(area, after, LOOKED_AT_ONCE);
                let Some((last, _)) = found.last() else {
                    break;
                };
                after = Some(*last);
                let ids = found.into_iter().map(|(id, _)| id);
                left.extend(self.declare_each(ids.collect()).await);
            }
        }
        while !left.is_empty() {
            sleep(self.config.config_retry).await;
            left = self.declare_each(left).await;
        }
    }

    /// Returns those that cannot be read now.
    async fn declare_each(&self, ids: Vec<RecordId>) -> Vec<RecordId> {
        let mut unread = Vec::new();
        let mut first = None;
        for id in ids {
            match self.spool.get(id).await {
                Ok(Some(record)) if self.is_sound(&record) => {
                    self.declare(record.area, record.event.attributes());
                }
                // Gone, or nobody's.
                Ok(_) => {}
                // Nothing is read any more.
                Err(SpoolError::Closed) => return Vec::new(),
                Err(error) => {
                    first.get_or_insert(error);
                    unread.push(id);
                }
            }
            yield_now().await;
        }
        if let Some(error) = first {
            let (reason, records) = (chained(&error), unread.len());
            tracing::error!(
                reason,
                records,
                "cannot read what is set aside or dead, to declare its numbers"
            );
        }
        unread
    }
}

/// How many records are looked at while the spool's index is locked.
const LOOKED_AT_ONCE: usize = 1024;
