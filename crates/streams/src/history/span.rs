use std::time::Duration;

use events_core::subject::SubjectPattern;
use tokio::time::{Instant, sleep};

use super::pull::{Pull, Pulled};
use super::stream::{Keeping, Stored, Stream};
use super::{Gap, HistoryError};
use crate::StreamsError;

/// A part of one stream, read in order from a sequence on: to another, or for ever.
///
/// Where it ends is known before it begins. Whether anything is left is the stream's to say and
/// not a consumer's: before it ends, and whenever a consumer keeps still, the stream's leader is
/// asked for the next message. A consumer that lost something is replaced.
pub(super) struct Span {
    stream: Stream,
    subject: Option<SubjectPattern>,
    /// The sequence to go on from.
    next: u64,
    /// The last sequence of it, if it has one.
    last: Option<u64>,
    patience: Duration,
    keeping: Keeping,
    pull: Option<Pull>,
    /// How many messages the consumer knew of when it delivered the last one.
    pending: u64,
    /// A gap that is there before anything is read.
    lost: Option<Gap>,
    /// What comes after the gap that was told.
    held: Option<Stored>,
    /// Where the leader was asked whether a consumer kept something back.
    asked_at: u64,
}

/// What a span holds.
pub(super) enum Piece {
    Message(Stored),
    Gap(Gap),
}

impl Span {
    pub(super) fn new(
        stream: Stream,
        subject: Option<SubjectPattern>,
        next: u64,
        last: Option<u64>,
        patience: Duration,
    ) -> Self {
        Self {
            stream,
            subject,
            next,
            last,
            patience,
            keeping: Keeping::Limits,
            pull: None,
            pending: 0,
            lost: None,
            held: None,
            asked_at: 0,
        }
    }

    /// The same, telling a gap first.
    pub(super) fn after(mut self, lost: Option<Gap>) -> Self {
        self.lost = lost;
        self
    }

    pub(super) fn stream(&self) -> &Stream {
        &self.stream
    }

    /// The next piece; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Piece>, HistoryError> {
        if let Some(gap) = self.lost.take() {
            return Ok(Some(Piece::Gap(gap)));
        }
        if let Some(held) = self.held.take() {
            return Ok(Some(Piece::Message(held)));
        }
        // Most steps get somewhere, and need no clock.
        let mut since = None;
        loop {
            if self.last.is_some_and(|last| self.next > last) {
                return Ok(None);
            }
            let failure = match self.step().await {
                Ok(Some(piece)) => return Ok(Some(piece)),
                Ok(None) => None,
                Err(error) => Some(error),
            };
            let begun = *since.get_or_insert_with(Instant::now);
            match failure {
                // A tail that is quiet is no tail that fails.
                None if self.last.is_none() => since = None,
                None if begun.elapsed() < self.patience => {}
                None => {
                    return Err(HistoryError::Late {
                        stream: (*self.stream.name).clone(),
                        sequence: self.next,
                        waited: self.patience,
                    });
                }
                Some(error) if self.bears(&error, begun) => {
                    let stream = self.stream.name.as_str();
                    tracing::debug!(stream, sequence = self.next, %error, "trying again");
                    self.pull = None;
                    sleep(PAUSE).await;
                }
                Some(error) => return Err(error),
            }
        }
    }

    /// One attempt to get further. `None` where nothing came of it.
    async fn step(&mut self) -> Result<Option<Piece>, HistoryError> {
        let Some(pull) = &mut self.pull else {
            return self.open().await;
        };
        if self.pending == 0 && self.last.is_some() {
            return self.ask().await;
        }
        let silence = match self.last {
            Some(_) => SILENCE.min(self.patience),
            None => SILENCE,
        };
        match pull.next(silence).await {
            Pulled::Message(stored, pending) => self.take(stored, pending).await,
            Pulled::Idle if self.last.is_some() || self.asked_at != self.next => self.ask().await,
            Pulled::Idle => Ok(None),
            Pulled::Broken => {
                let stream = self.stream.name.as_str();
                tracing::debug!(stream, sequence = self.next, "replacing a broken consumer");
                self.pull = None;
                Ok(None)
            }
        }
    }

    /// Looks how the stream stands and begins, or begins again, at the next message.
    async fn open(&mut self) -> Result<Option<Piece>, HistoryError> {
        let extent = self.stream.extent().await?;
        self.keeping = extent.keeping;
        let after = extent.last.saturating_add(1);
        if self.next > after && self.last.is_none() {
            // The stream lost its end, or another took its name.
            let gap = self.gap(after, self.next - 1);
            self.next = extent.first;
            return Ok(Some(gap));
        }
        if extent.first > self.next {
            let to = self.last.unwrap_or(u64::MAX).min(extent.first - 1);
            let gap = self.gap(self.next, to);
            self.next = to.saturating_add(1);
            return Ok(Some(gap));
        }
        if self.keeping == Keeping::WorkQueue {
            let found = self.ask().await?;
            if found.is_none() && self.last.is_none() {
                sleep(POLL).await;
            }
            return Ok(found);
        }
        let (pull, pending) = Pull::open(&self.stream, self.next, self.subject.as_ref()).await?;
        self.pull = Some(pull);
        self.pending = pending;
        Ok(None)
    }

    async fn take(&mut self, stored: Stored, pending: u64) -> Result<Option<Piece>, HistoryError> {
        if self.last.is_some_and(|last| stored.sequence > last) {
            return Ok(self.end());
        }
        let fewer = self.subject.is_some() && pending.saturating_add(1) < self.pending;
        self.pending = pending;
        if fewer {
            let first = self.stream.extent().await?.first.min(stored.sequence);
            if first > self.next {
                let gap = self.gap(self.next, first - 1);
                self.next = stored.sequence.saturating_add(1);
                self.held = Some(stored);
                return Ok(Some(gap));
            }
        }
        Ok(Some(self.deliver(stored)))
    }

    /// Asks the stream itself for what a consumer does not deliver, or no more.
    async fn ask(&mut self) -> Result<Option<Piece>, HistoryError> {
        self.asked_at = self.next;
        let found = self
            .stream
            .at_or_after(self.next, self.subject.as_ref())
            .await?;
        let last = self.last.unwrap_or(u64::MAX);
        match found.filter(|stored| stored.sequence <= last) {
            Some(stored) => {
                self.pull = None;
                Ok(Some(self.deliver(stored)))
            }
            None => Ok(self.end()),
        }
    }

    /// Hands a message over, after the gap before it where there is one.
    fn deliver(&mut self, stored: Stored) -> Piece {
        let from = self.next;
        self.next = stored.sequence.saturating_add(1);
        if stored.sequence > from && self.tells_gaps() {
            let gap = self.gap(from, stored.sequence - 1);
            self.held = Some(stored);
            return gap;
        }
        Piece::Message(stored)
    }

    /// Nothing is left up to the last: what is missing there is gone.
    fn end(&mut self) -> Option<Piece> {
        let last = self.last?;
        let from = self.next;
        self.next = last.saturating_add(1);
        self.pull = None;
        (from <= last && self.tells_gaps()).then(|| self.gap(from, last))
    }

    /// Whether a sequence that does not come was deleted: where all come and none goes when it is
    /// done with.
    fn tells_gaps(&self) -> bool {
        self.subject.is_none() && self.keeping == Keeping::Limits
    }

    fn gap(&self, from: u64, to: u64) -> Piece {
        let stream = (*self.stream.name).clone();
        Piece::Gap(Gap { stream, from, to })
    }

    /// Whether it is worth another try: a live reading waits for as long as it takes.
    fn bears(&self, error: &HistoryError, begun: Instant) -> bool {
        let is_young = begun.elapsed() < self.patience;
        match error {
            // It may be made anew.
            HistoryError::Missing { .. } => is_young && self.last.is_none(),
            // JetStream is not there while a server starts.
            HistoryError::Request {
                source: StreamsError::NotEnabled,
                ..
            } => is_young || self.last.is_none(),
            error => error.is_transient() && (is_young || self.last.is_none()),
        }
    }
}

/// How long a consumer that lives can keep still: longer than several heartbeats take.
const SILENCE: Duration = Duration::from_secs(3);
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(100);
/// How often a work queue, which takes no second consumer, is asked for more.
const POLL: Duration = Duration::from_millis(250);
