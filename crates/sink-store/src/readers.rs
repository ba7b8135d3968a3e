use std::sync::{Mutex, MutexGuard, PoisonError};

use events_core::SinkError;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::backend::{Found, Reader};
use crate::query::{Query, Times};
use crate::{Config, StoreError, StoreUrl};

/// The connections that read: kept, and bounded, so that many who read cost the database no more than
/// a few.
#[derive(Debug)]
pub(crate) struct Readers {
    url: StoreUrl,
    config: Config,
    room: Semaphore,
    idle: Mutex<Idle>,
}

impl Readers {
    pub(crate) fn new(url: StoreUrl, config: Config) -> Self {
        let room = config.readers.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            url,
            config,
            room: Semaphore::new(room),
            idle: Mutex::default(),
        }
    }

    /// A page of rows.
    pub(crate) async fn page(&self, query: &Query) -> Result<Vec<Found>, SinkError> {
        let read = async {
            let (_room, mut reader) = self.take().await?;
            let page = reader.page(query).await?;
            self.keep(reader);
            Ok(page)
        };
        self.within(read).await
    }

    /// The newest row's number, and those of the first and last row of the times, where any are
    /// asked for: in this order, so that later rows come into neither.
    pub(crate) async fn reach(&self, times: Option<&Times>) -> Result<Reach, SinkError> {
        let read = async {
            let (_room, mut reader) = self.take().await?;
            let newest = reader.newest().await?;
            let span = match times {
                Some(times) => reader.span(times).await?,
                None => Some((1, newest)),
            };
            self.keep(reader);
            Ok(Reach { newest, span })
        };
        self.within(read).await
    }

    async fn take(&self) -> Result<(impl Sized, Box<dyn Reader>), StoreError> {
        let room = self.room.acquire().await.map_err(|_| StoreError::Closed)?;
        let kept = || self.idle().pop();
        // A reader whose connection was lost while nobody read is of no use.
        let reader = std::iter::from_fn(kept).find(|reader| !reader.is_lost());
        let reader = match reader {
            Some(reader) => reader,
            None => self.url.reader(&self.config).await?,
        };
        Ok((room, reader))
    }

    /// For whoever reads next. After an error it is not known what state a connection is in.
    fn keep(&self, reader: Box<dyn Reader>) {
        self.idle().push(reader);
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        let idle = self.idle.lock();
        idle.unwrap_or_else(PoisonError::into_inner)
    }

    async fn within<T>(
        &self,
        reading: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, SinkError> {
        let waited = self.config.deadline;
        let read = timeout(waited, reading).await;
        let read = read.unwrap_or(Err(StoreError::Late { waited }));
        read.map_err(|error| SinkError::caused(error.kind(), "read the store", error))
    }
}

/// Where rows lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach {
    /// The number of the newest row, 0 where there is none.
    pub(crate) newest: i64,
    /// The first and the last number that can be wanted, if any can.
    pub(crate) span: Option<(i64, i64)>,
}

type Idle = Vec<Box<dyn Reader>>;
