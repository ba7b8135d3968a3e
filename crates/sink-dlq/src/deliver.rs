use std::collections::HashSet;
use std::iter;
use std::sync::Arc;

use events_core::{ErrorKind, Outcome, SinkError, WireEvent};
use tokio::time::sleep;

use crate::core::Core;
use crate::turnstile::{Pass, Way};

type Answer = Result<Outcome, SinkError>;

impl Core {
    /// Delivers what can be delivered and spills the rest. One result for each event.
    pub(crate) async fn deliver(&self, events: &[WireEvent]) -> Vec<Answer> {
        let subjects: Vec<Arc<str>> = events.iter().map(|event| self.subject_of(event)).collect();
        let mut pass = self
            .turnstile
            .enter(&subjects, |subject| self.way_of(subject));
        let answers = self.try_live(events, &subjects, &pass).await;
        let out_of_order = self.close_ranks(&answers, &subjects, &mut pass);
        if out_of_order {
            pass.turn(self.config.order_patience).await;
        }
        self.spill(events, &subjects, answers).await
    }

    /// What the inner sink says of the events that are not to go behind others.
    async fn try_live(
        &self,
        events: &[WireEvent],
        subjects: &[Arc<str>],
        pass: &Pass<'_>,
    ) -> Vec<Option<Answer>> {
        let is_live: Vec<bool> = subjects
            .iter()
            .map(|subject| pass.way(subject) != Way::Behind)
            .collect();
        let live: Vec<WireEvent> = iter::zip(events, &is_live)
            .filter(|(_, is_live)| **is_live)
            .map(|(event, _)| event.clone())
            .collect();
        let mut answers = self.ask_inner(&live).await.into_iter();
        is_live
            .into_iter()
            .map(|is_live| {
                is_live.then(|| {
                    answers
                        .next()
                        .unwrap_or_else(|| Err(SinkError::unanswered()))
                })
            })
            .collect()
    }

    /// One call of the inner sink, given up soon when deliveries are put on hold.
    async fn ask_inner(&self, live: &[WireEvent]) -> Vec<Answer> {
        if live.is_empty() {
            return Vec::new();
        }
        let mut held = self.held.subscribe();
        let given_up = async {
            // The sender is in `self`, so this cannot fail before it is true.
            held.wait_for(|held| *held).await.ok();
            sleep(self.config.hold_patience).await;
        };
        tokio::select! {
            biased;
            answers = self.inner.deliver(live) => answers,
            () = given_up => live.iter().map(|_| Err(held_up())).collect(),
        }
    }

    /// Says which subjects have events that go to the spool to wait, and whether there are any.
    fn close_ranks(
        &self,
        answers: &[Option<Answer>],
        subjects: &[Arc<str>],
        pass: &mut Pass<'_>,
    ) -> bool {
        let mut waits: HashSet<&str> = HashSet::new();
        let mut reordered = 0;
        for (answer, subject) in iter::zip(answers, subjects) {
            match answer {
                Some(Ok(_)) if pass.way(subject) == Way::Ahead || waits.contains(&**subject) => {
                    reordered += 1;
                }
                Some(Err(error)) if error.kind().is_transient() => {
                    waits.insert(subject);
                }
                None => {
                    waits.insert(subject);
                }
                Some(_) => {}
            }
        }
        self.tally.reordered.add(reordered);
        pass.ended(|subject| waits.contains(subject));
        !waits.is_empty()
    }
}

fn held_up() -> SinkError {
    SinkError::new(
        ErrorKind::Unavailable,
        "wait for a delivery while deliveries are on hold",
    )
}
