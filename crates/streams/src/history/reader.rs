use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::Context;
use chrono::TimeDelta;
use events_core::Filter;
use events_core::subject::SubjectPattern;
use futures::future::try_join_all;

use super::moment::Moment;
use super::newest::newest;
use super::span::Span;
use super::stream::{Extent, Keeping, Stream};
use super::{Cursor, Entries, Gap, HistoryError, Item};
use crate::api::{capturing, find};
use crate::{StreamName, StreamsError, Topology};

/// The streams whose messages are read together, in the order in which they were stored.
///
/// Nothing on the server is changed by it but consumers of its own, in memory, that go with the
/// reading. A work queue is read without taking anything from it.
#[derive(Clone, Debug)]
pub struct History {
    streams: Vec<Stream>,
    patience: Duration,
}

/// Where a reading begins. The filter's `since` may make it begin later.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Start {
    /// With the oldest message there is.
    Oldest,
    /// With what is stored from now on.
    Next,
    /// With the message of that sequence in every stream.
    Sequence(u64),
    /// Behind what was read before. A stream that the cursor does not name begins a little
    /// before the time of the last message that it does name, so nothing is missed and some of
    /// what was read may come again. Where that message is gone its neighbours stand for it;
    /// [`Entries::may_lack`] says whether that can be too late.
    After(Cursor),
}

impl History {
    /// Of these streams, each once, which have to be there when they are read.
    #[must_use]
    pub fn new(js: &Context, streams: impl IntoIterator<Item = StreamName>) -> Self {
        let streams: BTreeSet<StreamName> = streams.into_iter().collect();
        let streams = streams.into_iter().map(|name| Stream {
            js: js.clone(),
            name: Arc::new(name),
        });
        Self {
            streams: streams.collect(),
            patience: PATIENCE,
        }
    }

    /// Of the streams of a topology that are there, those of other names that have their subjects
    /// included. Also names those that are not.
    ///
    /// # Errors
    /// Where the server cannot be asked.
    pub async fn of(
        js: &Context,
        topology: &Topology,
    ) -> Result<(Self, Vec<StreamName>), StreamsError> {
        let mut there = BTreeSet::new();
        let mut missing = Vec::new();
        for spec in topology.iter() {
            let mut names = Vec::new();
            if find(js, spec.name.as_str()).await?.is_some() {
                names.push(spec.name.to_string());
            }
            for subject in &spec.subjects {
                names.extend(capturing(js, subject.as_str()).await?);
            }
            if names.is_empty() {
                missing.push(spec.name.clone());
            }
            there.extend(names.iter().filter_map(|name| name.parse().ok()));
        }
        Ok((Self::new(js, there), missing))
    }

    /// Of every stream that captures anything the subjects stand for, those that no topology names
    /// included; of none where there is none. A mirror captures nothing, and is not among them.
    ///
    /// # Errors
    /// Where the server cannot be asked.
    pub async fn capturing(
        js: &Context,
        subjects: &[SubjectPattern],
    ) -> Result<Self, StreamsError> {
        let mut there = BTreeSet::new();
        for subject in subjects {
            let names = capturing(js, subject.as_str()).await?;
            there.extend(names.iter().filter_map(|name| name.parse().ok()));
        }
        Ok(Self::new(js, there))
    }

    /// The same, waiting that long for a server that does not go on; 10 s by itself.
    #[must_use]
    pub fn patient(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The streams it reads.
    pub fn streams(&self) -> impl Iterator<Item = &StreamName> {
        self.streams.iter().map(|stream| &*stream.name)
    }

    /// The newest messages that the filter wants, `limit` of them or all there are, in the order
    /// in which they were stored. They are held in memory.
    ///
    /// # Errors
    /// Where not everything could be looked at that belongs to the answer.
    pub async fn newest(&self, filter: &Filter, limit: usize) -> Result<Vec<Item>, HistoryError> {
        let each = self.streams.iter().map(|stream| async move {
            let extent = within(stream, filter).await?;
            let span = |from, to| self.span(stream, filter, from, Some(to));
            newest(extent.first, extent.last, span, filter, limit).await
        });
        let found = try_join_all(each).await?;
        let mut items: Vec<Item> = found.into_iter().flatten().collect();
        items.sort_by_key(|item| item.stored_at);
        let surplus = items.len().saturating_sub(limit);
        items.drain(..surplus);
        Ok(items)
    }

    /// All that the filter wants from `start` to what is the newest message now, merged by the
    /// time of storing.
    ///
    /// # Errors
    /// Where a stream is missing or cannot be asked how far it goes.
    pub async fn range(&self, filter: &Filter, start: &Start) -> Result<Entries, HistoryError> {
        let (cursor, moment) = self.cursor(start).await?;
        let spans = self.streams.iter().map(|stream| async move {
            let extent = within(stream, filter).await?;
            let (first, lost) = self.start(stream, &extent, filter, start, moment).await?;
            let span = self.span(stream, filter, first, Some(extent.last));
            Ok(span.after(lost))
        });
        let entries = Entries::merged(try_join_all(spans).await?, filter, cursor);
        Ok(entries.lacking(matches!(moment, Some(Moment::Until(_)))))
    }

    /// All that the filter wants from `start` on, as it comes, without an end. Outlives lost
    /// connections and restarts of the server; what went meanwhile is a gap. The filter's `until`
    /// is not looked at.
    ///
    /// # Errors
    /// Where a stream is missing or cannot be asked how far it goes.
    pub async fn follow(&self, filter: &Filter, start: &Start) -> Result<Entries, HistoryError> {
        let filter = &Filter {
            until: None,
            ..filter.clone()
        };
        let (cursor, moment) = self.cursor(start).await?;
        let spans = self.streams.iter().map(|stream| async move {
            let extent = within(stream, filter).await?;
            let (first, lost) = self.start(stream, &extent, filter, start, moment).await?;
            Ok(self.span(stream, filter, first, None).after(lost))
        });
        let entries = Entries::live(try_join_all(spans).await?, filter, cursor);
        Ok(entries.lacking(matches!(moment, Some(Moment::Until(_)))))
    }

    /// Where to begin in `stream`, which holds `within` in the filter's times, and what is gone
    /// before that.
    async fn start(
        &self,
        stream: &Stream,
        within: &Extent,
        filter: &Filter,
        start: &Start,
        moment: Option<Moment>,
    ) -> Result<(u64, Option<Gap>), HistoryError> {
        let first = within.first;
        let since = if filter.since.is_some() { first } else { 1 };
        let cursor = match start {
            Start::Oldest => return Ok((first, None)),
            Start::Sequence(sequence) => return Ok((since.max(*sequence), None)),
            Start::Next => return Ok((stream.extent().await?.last.saturating_add(1), None)),
            Start::After(cursor) => cursor,
        };
        let extent = stream.extent().await?;
        let Some(sequence) = cursor.of(&stream.name) else {
            let Some(moment) = moment else {
                return Ok((first, None));
            };
            let begin = moment.time() - OVERLAP;
            let sequence = stream.sequence_at(begin, &extent).await?;
            return Ok((first.max(sequence), None));
        };
        if sequence > extent.last {
            // The stream lost its end, or another took its name.
            let lost = Gap {
                stream: (*stream.name).clone(),
                from: extent.last.saturating_add(1),
                to: sequence,
            };
            return Ok((first, Some(lost)));
        }
        if extent.keeping == Keeping::WorkQueue && extent.first > extent.last {
            // What went was done.
            return Ok((since.max(extent.first), None));
        }
        Ok((since.max(sequence.saturating_add(1)), None))
    }

    /// Behind what to begin, and when the newest of it was stored, for the streams that are not
    /// named in it.
    async fn cursor(&self, start: &Start) -> Result<(Cursor, Option<Moment>), HistoryError> {
        let Start::After(cursor) = start else {
            return Ok((Cursor::default(), None));
        };
        let named = cursor
            .iter()
            .map(|position| Ok((self.stream(position.stream())?, position.sequence())))
            .collect::<Result<Vec<_>, HistoryError>>()?;
        if named.len() == self.streams.len() {
            return Ok((cursor.clone(), None));
        }
        let moments = named.iter().map(|(stream, at)| stream.moment(*at));
        let moments = try_join_all(moments).await?;
        Ok((
            cursor.clone(),
            Moment::newest(moments.into_iter().flatten()),
        ))
    }

    fn stream(&self, name: &StreamName) -> Result<&Stream, HistoryError> {
        let found = self.streams.iter().find(|stream| *stream.name == *name);
        found.ok_or_else(|| HistoryError::Elsewhere {
            stream: name.clone(),
        })
    }

    fn span(&self, stream: &Stream, filter: &Filter, first: u64, last: Option<u64>) -> Span {
        let subject = filter.subject.clone();
        Span::new(stream.clone(), subject, first, last, self.patience)
    }
}

/// What a stream holds within the filter's times.
async fn within(stream: &Stream, filter: &Filter) -> Result<Extent, HistoryError> {
    let extent = stream.extent().await?;
    let mut within = extent;
    if let Some(since) = filter.since {
        within.first = stream.sequence_at(since, &extent).await?;
    }
    if let Some(until) = filter.until {
        let after = stream.sequence_at(until, &extent).await?;
        within.last = after.saturating_sub(1);
    }
    Ok(within)
}

/// How long a reading waits for a server that does not go on.
const PATIENCE: Duration = Duration::from_secs(10);

/// By how much messages of several streams may come in another order than they were stored in.
const OVERLAP: TimeDelta = TimeDelta::seconds(5);
