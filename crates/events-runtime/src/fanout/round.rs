use std::mem;
use std::sync::Arc;

use events_core::{ErrorKind, Outcome, SinkError, WireEvent};
use futures::FutureExt as _;

use super::Shared;
use super::branch::Branch;
use super::inbox::{Inbox, Report};
use super::ledger::Ledger;
use super::verdict::{Said, Verdict, verdict};
use crate::first_step::first_step;

/// One delivery of a batch to all children. Dropped, by whoever, it hands what is still on its
/// way to the background and remembers who has the events that are not `Ok`.
pub(super) struct Round {
    shared: Arc<Shared>,
    events: Vec<WireEvent>,
    lanes: Vec<Lane>,
    inbox: Arc<Inbox>,
    answered_ok: Box<[bool]>,
}

/// A child's part in a round.
struct Lane {
    branch: Arc<Branch>,
    /// One for each event of the batch.
    answers: Vec<Answer>,
    /// What the child was sent, until it reports.
    sent: Option<Arc<Sent>>,
}

/// Events on their way to a child, and their positions in the batch.
#[derive(Default)]
struct Sent {
    events: Vec<WireEvent>,
    positions: Vec<usize>,
}

enum Answer {
    Nothing,
    Has(Outcome),
    Failed(SinkError),
}

impl Round {
    pub(super) fn new(shared: Arc<Shared>, events: &[WireEvent]) -> Self {
        let lane = |branch: &Arc<Branch>| Lane {
            branch: branch.clone(),
            answers: events.iter().map(|_| Answer::Nothing).collect(),
            sent: None,
        };
        let mut lanes: Vec<Lane> = shared.branches.iter().map(lane).collect();
        for (position, event) in events.iter().enumerate() {
            for (child, outcome) in shared.ledger.recall(event) {
                if let Some(lane) = lanes.get_mut(child) {
                    lane.branch.count_kept(1);
                    lane.answer(position, Answer::Has(outcome));
                }
            }
        }
        Self {
            shared,
            events: events.to_vec(),
            lanes,
            inbox: Arc::new(Inbox::new()),
            answered_ok: events.iter().map(|_| false).collect(),
        }
    }

    /// Begins the delivery to each child, in order, of the events that it does not have.
    pub(super) async fn begin(&mut self) {
        for (child, lane) in self.lanes.iter_mut().enumerate() {
            let sent = Arc::new(lane.missing(&self.events));
            if sent.events.is_empty() {
                continue;
            }
            lane.sent = Some(sent.clone());
            if lane.branch.lags_too_far() {
                let results = lane.branch.pass_over(&sent.events);
                lane.take(results);
                continue;
            }
            let delivery = Delivery {
                child,
                branch: lane.branch.clone(),
                sent,
                inbox: self.inbox.clone(),
                shared: self.shared.clone(),
            };
            if let Some(rest) = first_step(delivery.run().boxed()).await {
                tokio::spawn(rest);
            }
        }
    }

    /// Waits until the fate of every event is known.
    pub(super) async fn results(mut self) -> Vec<Result<Outcome, SinkError>> {
        let verdicts = loop {
            if let Some(verdicts) = self.verdicts() {
                break verdicts;
            }
            for report in self.inbox.arrived().await {
                self.take(report);
            }
        };
        let is_ok = |verdict: &Verdict| matches!(verdict, Verdict::Ok(_));
        self.answered_ok = verdicts.iter().map(is_ok).collect();
        let verdicts = verdicts.into_iter().enumerate();
        verdicts
            .map(|(position, verdict)| self.result(position, verdict))
            .collect()
    }

    /// The fate of every event, once all are known.
    fn verdicts(&self) -> Option<Vec<Verdict>> {
        let mut said = Vec::with_capacity(self.lanes.len());
        let mut fate = |position| {
            said.clear();
            let lanes = self.lanes.iter();
            said.extend(lanes.map(|lane| (lane.branch.need(), lane.said(position))));
            verdict(&said)
        };
        (0..self.events.len()).map(&mut fate).collect()
    }

    fn result(&mut self, position: usize, verdict: Verdict) -> Result<Outcome, SinkError> {
        let (Verdict::Ok(child) | Verdict::Failed(child)) = verdict;
        let lane = self.lanes.get_mut(child);
        let answer = lane.and_then(|lane| lane.answers.get_mut(position));
        match answer.map(|answer| mem::replace(answer, Answer::Nothing)) {
            Some(Answer::Has(outcome)) => Ok(outcome),
            Some(Answer::Failed(error)) => Err(error),
            // Never comes to pass: a verdict names a child that answered.
            Some(Answer::Nothing) | None => Err(SinkError::new(
                ErrorKind::Unavailable,
                "get an answer from a child",
            )),
        }
    }

    fn take(&mut self, report: Report) {
        if let Some(lane) = self.lanes.get_mut(report.child) {
            lane.take(report.results);
        }
    }
}

impl Drop for Round {
    fn drop(&mut self) {
        let answered_ok = mem::take(&mut self.answered_ok);
        for report in self.inbox.close(answered_ok.clone()) {
            self.take(report);
        }
        for lane in &self.lanes {
            if let Some(sent) = &lane.sent {
                lane.branch.left_behind(&sent.events);
            }
        }
        let ledger = &self.shared.ledger;
        for (position, (event, ok)) in self.events.iter().zip(answered_ok).enumerate() {
            if ok {
                ledger.forget(event);
                continue;
            }
            for (child, lane) in self.lanes.iter().enumerate() {
                if let Some(Answer::Has(outcome)) = lane.answers.get(position) {
                    ledger.note(event, child, outcome);
                }
            }
        }
    }
}

impl Lane {
    /// The events that the child has not answered for.
    fn missing(&self, events: &[WireEvent]) -> Sent {
        let mut sent = Sent::default();
        for (position, (event, answer)) in events.iter().zip(&self.answers).enumerate() {
            if matches!(answer, Answer::Nothing) {
                sent.events.push(event.clone());
                sent.positions.push(position);
            }
        }
        sent
    }

    /// The child reports on what it was sent.
    fn take(&mut self, results: Vec<Result<Outcome, SinkError>>) {
        let Some(sent) = self.sent.take() else {
            return;
        };
        for (position, result) in sent.positions.iter().zip(results) {
            self.answer(
                *position,
                match result {
                    Ok(outcome) => Answer::Has(outcome),
                    Err(error) => Answer::Failed(error),
                },
            );
        }
    }

    fn answer(&mut self, position: usize, answer: Answer) {
        if let Some(place) = self.answers.get_mut(position) {
            *place = answer;
        }
    }

    fn said(&self, position: usize) -> Said {
        match self.answers.get(position) {
            Some(Answer::Has(_)) => Said::Ok,
            Some(Answer::Failed(error)) => Said::Failed(error.kind()),
            Some(Answer::Nothing) | None => Said::Nothing,
        }
    }
}

/// What runs, in a task of its own if need be, until a child has answered or is out of time.
struct Delivery {
    child: usize,
    branch: Arc<Branch>,
    sent: Arc<Sent>,
    inbox: Arc<Inbox>,
    shared: Arc<Shared>,
}

impl Delivery {
    async fn run(self) {
        let Self { child, sent, .. } = &self;
        let child = *child;
        let results = self.branch.deliver(&sent.events).await;
        if let Err((report, answered_ok)) = self.inbox.report(Report { child, results }) {
            self.branch.caught_up(&sent.events);
            self.note_late(&report, &answered_ok, &self.shared.ledger);
        }
    }

    /// The answer came to the caller without this child. Where it was an error, what the child
    /// has all the same must not be sent to it again.
    fn note_late(&self, report: &Report, answered_ok: &[bool], ledger: &Ledger) {
        let Sent { events, positions } = &*self.sent;
        for ((event, position), result) in events.iter().zip(positions).zip(&report.results) {
            if let (Ok(outcome), Some(false)) = (result, answered_ok.get(*position)) {
                ledger.note(event, self.child, outcome);
            }
        }
    }
}
