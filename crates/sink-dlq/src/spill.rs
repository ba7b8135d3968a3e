use std::iter;
use std::sync::Arc;
use std::time::SystemTime;

use events_core::{ErrorKind, Outcome, SinkError, WireEvent, chained};

use crate::core::Core;
use crate::error::not_spilled;
use crate::{Area, Cause, Entry, SpoolError, Stored};

type Answer = Result<Outcome, SinkError>;

impl Core {
    /// Answers for each event: what it was answered already, or where the spool has it. Events
    /// without an answer go behind others; the kind of an error says which area its event goes to.
    pub(crate) async fn spill(
        &self,
        events: &[WireEvent],
        subjects: &[Arc<str>],
        answers: Vec<Option<Answer>>,
    ) -> Vec<Answer> {
        let mut results: Vec<Option<Answer>> = Vec::with_capacity(events.len());
        let mut piles = Area::EACH.map(|area| (area, Vec::new()));
        let each = iter::zip(iter::zip(events, subjects), answers).enumerate();
        for (index, ((event, subject), answer)) in each {
            let (area, error) = match answer {
                None => (Some(Area::Waiting), None),
                Some(Err(error)) => (area_of(error.kind()), Some(error)),
                Some(Ok(outcome)) => {
                    results.push(Some(Ok(outcome)));
                    continue;
                }
            };
            match piles.iter_mut().find(|(pile, _)| Some(*pile) == area) {
                Some((_, pile)) => {
                    pile.push(Spill {
                        index,
                        event,
                        subject,
                        error,
                    });
                    results.push(None);
                }
                None => results.push(error.map(Err)),
            }
        }
        for (area, pile) in piles {
            if !pile.is_empty() {
                self.append(area, pile, &mut results).await;
            }
        }
        let answered = |answer: Option<Answer>| answer.unwrap_or_else(|| Err(unanswered()));
        results.into_iter().map(answered).collect()
    }

    async fn append(&self, area: Area, pile: Vec<Spill<'_>>, results: &mut [Option<Answer>]) {
        let entries = pile.iter().map(Spill::entry).collect();
        let stored = self.spool.append(area, entries).await;
        for (spill, stored) in iter::zip(pile, stored) {
            let index = spill.index;
            let answer = self.answer(area, spill, stored);
            if let Some(result) = results.get_mut(index) {
                *result = Some(answer);
            }
        }
        self.wake.notify_one();
    }

    fn answer(&self, area: Area, spill: Spill<'_>, stored: Result<Stored, SpoolError>) -> Answer {
        let kind = spill.error.as_ref().map(SinkError::kind);
        let id = spill.event.message_id();
        match stored {
            Ok(Stored { place, .. }) => {
                self.tally.spilled(kind).add(1);
                self.declare(area, spill.event.attributes());
                if self.spills.is_due() {
                    let spilled = self.tally.read().spilled;
                    let reason = spill.error.as_ref().map(|error| chained(error));
                    let reason = reason.as_deref().unwrap_or(BEHIND);
                    tracing::warn!(message_id = %id, %area, ?place, ?spilled, reason, "spilling");
                }
                Ok(Outcome::spilled(spill.event, place))
            }
            Err(failure) => {
                self.tally.spill_failures.add(1);
                if self.refusals.is_due() {
                    let failures = self.tally.read().spill_failures;
                    let reason = chained(&failure);
                    tracing::error!(message_id = %id, failures, reason, "the spool took no event");
                }
                Err(not_spilled(spill.error, &failure))
            }
        }
    }
}

/// An event on its way to the spool.
struct Spill<'a> {
    index: usize,
    event: &'a WireEvent,
    subject: &'a Arc<str>,
    /// Why; nothing for one that goes behind others.
    error: Option<SinkError>,
}

impl Spill<'_> {
    fn entry(&self) -> Entry {
        let cause = match &self.error {
            Some(error) => Cause::new(error.kind(), &chained(error), now()),
            None => Cause {
                attempts: 0,
                ..Cause::new(ErrorKind::Unavailable, BEHIND, now())
            },
        };
        Entry {
            event: self.event.clone(),
            subject: self.subject.to_string(),
            cause,
        }
    }
}

/// Where an event that failed with `kind` is kept; nowhere, if it never will be anything.
pub(crate) fn area_of(kind: ErrorKind) -> Option<Area> {
    match kind {
        ErrorKind::Invalid => None,
        ErrorKind::Rejected => Some(Area::Dead),
        ErrorKind::Unavailable | ErrorKind::Saturated => Some(Area::Waiting),
        ErrorKind::Config => Some(Area::SetAside),
    }
}

/// Wall-clock time, as records keep it.
pub(crate) fn now() -> SystemTime {
    events_core::time::now().into()
}

fn unanswered() -> SinkError {
    SinkError::new(
        ErrorKind::Unavailable,
        "get an answer from the spool for every event",
    )
}

const BEHIND: &str = "not tried: earlier events of its subject wait, or deliveries are on hold";
