use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use events_core::subject::Routes;
use events_core::time::Timestamp;
use events_core::{Filter, SinkError, WireEvent};
use futures::stream::{self, BoxStream, StreamExt as _};
use tokio::time::{sleep, timeout};

use crate::Store;
use crate::backend::Found;
use crate::query::{Order, Query, Times, is_full};
use crate::readers::Reach;

/// What a [`Store`] holds, read back: complete, or an error.
///
/// Readings have connections of their own, so they wait for no writer and hold none up, and
/// [no more](crate::Config::readers) than a few. The order
/// is that of the rows' numbers, which is the order of their commits.
#[derive(Clone, Debug)]
pub struct History {
    store: Store,
    routes: Routes,
}

/// An event that was stored.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The number of its row, as in its receipt.
    pub row: u64,
    /// The event.
    pub event: WireEvent,
}

/// Where following begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Start {
    /// With the oldest row there is.
    Oldest,
    /// With what is stored from now on.
    Next,
    /// Behind the row of this number.
    After(u64),
}

impl History {
    /// The history of `store`. `routes` say which subject an event was meant for.
    #[must_use]
    pub fn new(store: Store, routes: Routes) -> Self {
        Self { store, routes }
    }

    /// The newest `limit` of the events that `filter` wants, oldest of them first. A row whose
    /// `wire` is no event takes no place among them.
    ///
    /// # Errors
    /// Whatever keeps it from being all of them, such as a page of rows that took longer than the
    /// store's [deadline](crate::Config::deadline).
    ///
    /// # Cancel safety
    /// Dropping the future ends the reading.
    pub async fn newest(&self, filter: &Filter, limit: usize) -> Result<Vec<Entry>, SinkError> {
        let mut reading = self.begin(filter, 0, Order::NewestFirst).await?;
        let mut entries = Vec::new();
        while entries.len() < limit {
            let Some(entry) = reading.next().await? else {
                break;
            };
            entries.push(entry);
        }
        entries.reverse();
        Ok(entries)
    }

    /// Every event that `filter` wants and that was stored when this was called, oldest first, as
    /// fast as it is taken. From the row after `after` on, where that is given.
    ///
    /// # Errors
    /// As [`newest`](Self::newest). An error among the entries is the last of them, and what came
    /// is not all there is.
    pub async fn range(
        &self,
        filter: &Filter,
        after: Option<u64>,
    ) -> Result<BoxStream<'static, Result<Entry, SinkError>>, SinkError> {
        let after = after.map_or(0, |row| i64::try_from(row).unwrap_or(i64::MAX));
        let reading = self.begin(filter, after, Order::OldestFirst).await?;
        let entries = stream::unfold(Some(reading), |reading| async {
            let mut reading = reading?;
            match reading.next().await {
                Ok(Some(entry)) => Some((Ok(entry), Some(reading))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        });
        Ok(entries.boxed())
    }

    /// The number of the newest row; 0 where there is none.
    ///
    /// # Errors
    /// As [`newest`](Self::newest).
    pub async fn last_row(&self) -> Result<u64, SinkError> {
        let reach = self.store.readers().reach(None).await?;
        Ok(u64::try_from(reach.newest).unwrap_or_default())
    }

    /// What `filter` wants from `start` on, without an end: looked for when `wakes` says so, and once
    /// a second besides. The filter's `until` is not looked at. Where it begins is certain once this
    /// returns.
    ///
    /// Holds a connection only while it looks. Nothing is passed over, however many processes store
    /// at once: a row is never committed after one of a higher number.
    ///
    /// # Errors
    /// As [`range`](Self::range). An error among the entries is the last of them.
    pub async fn follow(
        &self,
        filter: &Filter,
        start: Start,
        wakes: BoxStream<'static, ()>,
    ) -> Result<BoxStream<'static, Result<Entry, SinkError>>, SinkError> {
        let filter = Filter {
            until: None,
            ..filter.clone()
        };
        let reach = self.reach(&filter).await?;
        let after = match start {
            Start::Oldest => 0,
            Start::Next => reach.newest,
            Start::After(row) => i64::try_from(row).unwrap_or(i64::MAX),
        };
        let following = Following {
            reading: self.reading(filter, after, reach, Order::OldestFirst),
            newest: reach.newest.max(after),
            wakes,
        };
        let entries = stream::unfold(Some(following), |following| async {
            let mut following = following?;
            match following.next().await {
                Ok(entry) => Some((Ok(entry), Some(following))),
                Err(error) => Some((Err(error), None)),
            }
        });
        Ok(entries.boxed())
    }

    async fn begin(&self, filter: &Filter, after: i64, order: Order) -> Result<Reading, SinkError> {
        let reach = self.reach(filter).await?;
        Ok(self.reading(filter.clone(), after, reach, order))
    }

    async fn reach(&self, filter: &Filter) -> Result<Reach, SinkError> {
        let times = Times::of(filter);
        self.store.readers().reach(times.as_ref()).await
    }

    fn reading(&self, filter: Filter, after: i64, reach: Reach, order: Order) -> Reading {
        let Reach { newest, span } = reach;
        let left = span.map(|(first, last)| (after.max(first - 1), newest.min(last)));
        Reading {
            history: self.clone(),
            filter,
            order,
            left: left.filter(|(after, up_to)| after < up_to),
            page: VecDeque::new(),
        }
    }
}

/// A reading under way.
struct Reading {
    history: History,
    filter: Filter,
    order: Order,
    /// The rows still to be read: above the first number, up to the second.
    left: Option<(i64, i64)>,
    page: VecDeque<Found>,
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Entry>, SinkError> {
        loop {
            while let Some(found) = self.page.pop_front() {
                if let Some(entry) = self.wanted(found) {
                    return Ok(Some(entry));
                }
            }
            let Some((after, up_to)) = self.left else {
                return Ok(None);
            };
            let query = Query::new(&self.filter, after, up_to, self.order);
            let page = self.history.store.readers().page(&query).await?;
            let bytes = page.iter().map(|found| found.wire.len()).sum();
            // A page that is not full was the last.
            let last = page.last().filter(|_| is_full(page.len(), bytes));
            self.left = last.map(|found| match self.order {
                Order::OldestFirst => (found.row, up_to),
                Order::NewestFirst => (after, found.row - 1),
            });
            self.page = page.into();
        }
    }

    fn wanted(&self, found: Found) -> Option<Entry> {
        let event = WireEvent::from_bytes(found.wire).ok()?;
        let subject = match self.filter.subject {
            Some(_) => self.history.routes.resolve(event.attributes()).ok(),
            None => None,
        };
        let subject = subject.map(|(_, subject)| subject);
        let subject = subject.as_ref().map(|subject| subject.as_str());
        let time = event.attributes().time().map(Timestamp::instant);
        let wanted = self
            .filter
            .wants(Some(&event), subject, time.unwrap_or_default());
        wanted.then_some(Entry {
            row: u64::try_from(found.row).unwrap_or_default(),
            event,
        })
    }
}

/// A reading that goes on with what comes.
struct Following {
    reading: Reading,
    /// The newest row looked at so far.
    newest: i64,
    wakes: BoxStream<'static, ()>,
}

impl Following {
    async fn next(&mut self) -> Result<Entry, SinkError> {
        loop {
            if let Some(entry) = self.reading.next().await? {
                return Ok(entry);
            }
            // Nobody may be left who wakes.
            if let Ok(None) = timeout(QUIET, self.wakes.next()).await {
                sleep(QUIET).await;
            }
            let reading = &mut self.reading;
            let readers = reading.history.store.readers();
            let Reach { newest, .. } = readers.reach(None).await?;
            if newest > self.newest {
                reading.left = Some((self.newest, newest));
                self.newest = newest;
            }
        }
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading").finish_non_exhaustive()
    }
}

/// How often rows are looked for when nothing says that there are any.
const QUIET: Duration = Duration::from_secs(1);
