use std::collections::VecDeque;

use events_core::subject::SubjectPattern;
use events_core::{ErrorKind, TenantId};

use crate::core::Core;
use crate::{Area, Limit, Record, RecordId, Spool, SpoolError};

/// Which records an operator asks for. By default all of them, 100 at a time.
#[derive(Clone, Debug)]
pub struct Query {
    /// The areas to look in; none means all.
    pub areas: Vec<Area>,
    /// A pattern that the record's subject matches.
    pub subject: Option<SubjectPattern>,
    /// The event's type, exactly.
    pub event_type: Option<String>,
    /// The event's tenant.
    pub tenant: Option<TenantId>,
    /// The kind of error it failed with last.
    pub kind: Option<ErrorKind>,
    /// The record after which to begin, as [`Page::next`] says it.
    pub after: Option<RecordId>,
    /// How many records a page has at most. At least one.
    pub limit: usize,
}

/// Some of the records that a [`Query`] asks for, oldest first.
#[derive(Debug)]
pub struct Page {
    /// The records.
    pub records: Vec<Record>,
    /// Where the next page begins; `None` when there is none.
    pub next: Option<RecordId>,
}

impl Query {
    /// The areas it looks in.
    pub(crate) fn areas(&self) -> Vec<Area> {
        let wanted = |area: &Area| self.areas.is_empty() || self.areas.contains(area);
        Area::EACH.into_iter().filter(wanted).collect()
    }

    /// Whether `record` is asked for, wherever it stands.
    pub(crate) fn wants(&self, record: &Record) -> bool {
        let attributes = record.event.attributes();
        let subject = self.subject.as_ref();
        subject.is_none_or(|pattern| pattern.matches(&record.subject))
            && same(self.event_type.as_deref(), attributes.kind().as_str())
            && same(self.tenant.as_ref(), record.event.tenant())
            && same(self.kind.as_ref(), &record.cause.kind)
    }
}

impl Default for Query {
    fn default() -> Self {
        Self {
            areas: Vec::new(),
            subject: None,
            event_type: None,
            tenant: None,
            kind: None,
            after: None,
            limit: 100,
        }
    }
}

impl Core {
    /// Reads the records that `query` asks for, oldest first, for as long as `visit` says so.
    /// Whether it was `visit` that ended it.
    pub(crate) async fn each(
        &self,
        query: &Query,
        mut visit: impl FnMut(Record) -> bool,
    ) -> Result<bool, SpoolError> {
        let mut readers: Vec<Reader> = query
            .areas()
            .into_iter()
            .map(|area| Reader {
                area,
                after: query.after,
                read: VecDeque::new(),
            })
            .collect();
        loop {
            let mut first: Option<(RecordId, &mut Reader)> = None;
            for reader in &mut readers {
                let Some(id) = reader.peek(&self.spool).await? else {
                    continue;
                };
                if first.as_ref().is_none_or(|(first, _)| id < *first) {
                    first = Some((id, reader));
                }
            }
            let Some(record) = first.and_then(|(_, reader)| reader.read.pop_front()) else {
                return Ok(false);
            };
            if query.wants(&record) && !visit(record) {
                return Ok(true);
            }
        }
    }
}

/// Reads one area, page by page.
struct Reader {
    area: Area,
    after: Option<RecordId>,
    read: VecDeque<Record>,
}

impl Reader {
    async fn peek(&mut self, spool: &Spool) -> Result<Option<RecordId>, SpoolError> {
        if self.read.is_empty() {
            let page = spool.next(self.area, self.after, PAGE).await?;
            self.after = page.last().map_or(self.after, |last| Some(last.id));
            self.read = page.into();
        }
        Ok(self.read.front().map(|record| record.id))
    }
}

const PAGE: Limit = Limit {
    records: 256,
    bytes: 1 << 20,
};

fn same<T: PartialEq + ?Sized>(wanted: Option<&T>, found: &T) -> bool {
    wanted.is_none_or(|wanted| wanted == found)
}
