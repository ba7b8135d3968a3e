use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use events_core::{Outcome, SinkError};
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::bell::{Bell, Rope};
use crate::flight::Flight;
use crate::{Ack, PublishError};

/// An event's place in its batch, and what became of it.
pub(crate) type Landed = (usize, Result<Outcome, SinkError>);

/// What of a batch is on its way.
///
/// Nearly all need one plain answer, and have neither a task nor a timer of their own. Whoever
/// needs more leaves the line, and is seen to beside it.
#[derive(Default)]
pub(crate) struct InFlight<'a> {
    /// In the order they set out, which is that of their deadlines. The first has not landed.
    line: VecDeque<Option<Flight<'a>>>,
    /// How many stood before the first.
    gone: usize,
    bell: Arc<Bell>,
    /// Whose answers are there, the latest first.
    answered: Vec<usize>,
    /// Rings when the first in line is late, or before.
    clock: Option<Pin<Box<Sleep>>>,
    detours: FuturesUnordered<BoxFuture<'a, Landed>>,
}

impl<'a> InFlight<'a> {
    pub(crate) fn push(&mut self, flight: Flight<'a>) {
        match &flight.pending {
            Ok(pending) => {
                let number = self.gone + self.line.len();
                let bell = Arc::clone(&self.bell);
                pending.ring(Rope { bell, number });
                self.line.push_back(Some(flight));
            }
            Err(error) => {
                let answer = Some(Err(error.clone()));
                self.detours.push(flight.settle(answer).boxed());
            }
        }
    }

    /// What lands next; `None` when nothing is on its way.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub(crate) async fn next(&mut self) -> Option<Landed> {
        poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Landed>> {
        loop {
            if let Poll::Ready(Some(landed)) = self.detours.poll_next_unpin(context) {
                return Poll::Ready(Some(landed));
            }
            match ready!(self.poll_line(context)) {
                Some((flight, Some(Ok(ack)))) if flight.is_plain(&ack) => {
                    return Poll::Ready(Some(flight.done(ack)));
                }
                Some((flight, answer)) => self.detours.push(flight.settle(answer).boxed()),
                None if self.detours.is_empty() => return Poll::Ready(None),
                None => return Poll::Pending,
            }
        }
    }

    /// Who leaves the line with an answer, or without one that came in time.
    fn poll_line(&mut self, context: &mut Context<'_>) -> Poll<Option<Leaving<'a>>> {
        loop {
            if self.answered.is_empty() {
                self.bell.heard(&mut self.answered, context);
                self.answered.reverse();
            }
            match self.answered.pop() {
                Some(number) => {
                    if let Some(leaving) = self.leave_answered(number, context) {
                        return Poll::Ready(Some(leaving));
                    }
                }
                None => return self.poll_clock(context).map(|flight| Some((flight?, None))),
            }
        }
    }

    /// The first in line, once its time is over. Nobody, where there is no line.
    fn poll_clock(&mut self, context: &mut Context<'_>) -> Poll<Option<Flight<'a>>> {
        loop {
            let Some(Some(first)) = self.line.front() else {
                return Poll::Ready(None);
            };
            let until = first.until;
            let clock = self
                .clock
                .get_or_insert_with(|| Box::pin(sleep_until(until)));
            ready!(clock.as_mut().poll(context));
            if until <= Instant::now() {
                return Poll::Ready(self.leave(0));
            }
            // Set for one who has landed since.
            clock.as_mut().reset(until);
        }
    }

    fn leave_answered(&mut self, number: usize, context: &mut Context<'_>) -> Option<Leaving<'a>> {
        let place = number.checked_sub(self.gone)?;
        let flight = self.line.get_mut(place)?.as_mut()?;
        match flight.poll(context) {
            Poll::Ready(answer) => Some((self.leave(place)?, Some(answer))),
            Poll::Pending => None,
        }
    }

    fn leave(&mut self, place: usize) -> Option<Flight<'a>> {
        let flight = self.line.get_mut(place)?.take();
        while let Some(None) = self.line.front() {
            self.line.pop_front();
            self.gone += 1;
        }
        flight
    }
}

type Answer = Result<Ack, PublishError>;
type Leaving<'a> = (Flight<'a>, Option<Answer>);
