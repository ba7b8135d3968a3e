use std::collections::VecDeque;
use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use events_core::{Draft, ErrorKind, EventSink, Outcome, Place, SinkError, WireEvent};
use tokio::time::sleep;

/// A leaf that answers by a script and remembers what it was handed. Clones share both.
///
/// Past the end of its script it answers `Ok`. Receipts name the stream `flaky` and count the
/// events it stored from 1. Display prints `flaky`.
#[derive(Clone, Debug)]
pub struct FlakySink {
    step_for: StepFor,
    state: Arc<Mutex<State>>,
}

/// What a [`FlakySink`] does next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// Stores and answers `Ok`.
    Ok,
    /// Stores nothing and answers with an error of this kind.
    Fail(ErrorKind),
    /// Stores nothing and never answers.
    Hang,
    /// Waits that long, then does as `Ok`.
    Delay(Duration),
    /// Panics.
    Panic,
}

impl FlakySink {
    /// Takes one step of the script for each call of `deliver`, good for all events of the call.
    #[must_use]
    pub fn script(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::new(StepFor::Call, steps)
    }

    /// Takes one step of the script for each event.
    #[must_use]
    pub fn script_per_event(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::new(StepFor::Event, steps)
    }

    /// The batches it was handed, in the order of the calls, whatever it answered.
    #[must_use]
    pub fn calls(&self) -> Vec<Vec<WireEvent>> {
        self.lock().calls.clone()
    }

    /// The events it stored, in order.
    #[must_use]
    pub fn stored(&self) -> Vec<WireEvent> {
        self.lock().stored.clone()
    }

    fn new(step_for: StepFor, steps: impl IntoIterator<Item = Step>) -> Self {
        let state = State {
            steps: steps.into_iter().collect(),
            calls: Vec::new(),
            stored: Vec::new(),
        };
        Self {
            step_for,
            state: Arc::new(Mutex::new(state)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl EventSink for FlakySink {
    fn prepare(&self, _drafts: &mut [Draft]) {}

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Result<Outcome, SinkError>> {
        let group = match self.step_for {
            StepFor::Call => events.len().max(1),
            StepFor::Event => 1,
        };
        let groups = events.chunks(group);
        // Taken at once, so that calls side by side take their steps in the order they began.
        let steps = self.lock().begin(events, groups.len());
        let mut results = Vec::with_capacity(events.len());
        for (group, step) in groups.zip(steps) {
            let refusal = play(step).await;
            let answer = |event| match &refusal {
                Some(error) => Err(error.clone()),
                None => Ok(self.lock().store(event)),
            };
            results.extend(group.iter().map(answer));
        }
        results
    }
}

impl fmt::Display for FlakySink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("flaky")
    }
}

#[derive(Clone, Copy, Debug)]
enum StepFor {
    Call,
    Event,
}

#[derive(Debug)]
struct State {
    steps: VecDeque<Step>,
    calls: Vec<Vec<WireEvent>>,
    stored: Vec<WireEvent>,
}

impl State {
    fn begin(&mut self, events: &[WireEvent], steps: usize) -> Vec<Step> {
        self.calls.push(events.to_vec());
        (0..steps)
            .map(|_| self.steps.pop_front().unwrap_or(Step::Ok))
            .collect()
    }

    fn store(&mut self, event: &WireEvent) -> Outcome {
        self.stored.push(event.clone());
        let place = Place::Stream {
            stream: "flaky".to_owned(),
            sequence: self.stored.len() as u64,
            duplicate: false,
        };
        Outcome::delivered(event, place)
    }
}

async fn play(step: Step) -> Option<SinkError> {
    match step {
        Step::Ok => None,
        Step::Fail(kind) => Some(SinkError::new(kind, "go on with the script")),
        Step::Hang => pending().await,
        Step::Delay(delay) => {
            sleep(delay).await;
            None
        }
        Step::Panic => panic!("the script says so"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use events_core::{ErrorKind, EventSink as _, Outcome, Place, SinkError};
    use futures::FutureExt as _;
    use tokio::time::{Instant, timeout};

    use super::{FlakySink, Step};
    use crate::sealed;

    fn kinds(results: &[Result<Outcome, SinkError>]) -> Vec<Option<ErrorKind>> {
        let kind = |result: &Result<_, SinkError>| result.as_ref().err().map(SinkError::kind);
        results.iter().map(kind).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_script_gives_each_call_a_step_and_then_ok() {
        let delay = Duration::from_secs(5);
        let steps = [Step::Fail(ErrorKind::Saturated), Step::Delay(delay)];
        let sink = FlakySink::script(steps);
        let events = sealed(2);
        let refused = Some(ErrorKind::Saturated);
        assert_eq!(kinds(&sink.deliver(&events).await), [refused, refused]);
        let start = Instant::now();
        assert_eq!(kinds(&sink.deliver(&events).await), [None, None]);
        assert_eq!(start.elapsed(), delay);
        assert_eq!(kinds(&sink.deliver(&events).await), [None, None]);
        assert_eq!((sink.calls().len(), sink.stored().len()), (3, 4));
    }

    #[tokio::test]
    async fn a_script_per_event_gives_each_event_a_step_and_counts_what_it_stores() {
        let sink = FlakySink::script_per_event([Step::Ok, Step::Fail(ErrorKind::Config)]);
        let results = sink.deliver(&sealed(3)).await;
        assert_eq!(kinds(&results), [None, Some(ErrorKind::Config), None]);
        let last = results[2].as_ref().unwrap().receipt().place().clone();
        assert!(matches!(last, Place::Stream { sequence: 2, .. }));
    }

    #[tokio::test(start_paused = true)]
    async fn it_hangs_and_panics_when_told_to() {
        let sink = FlakySink::script([Step::Hang, Step::Panic]);
        let events = sealed(1);
        let day = Duration::from_secs(86_400);
        assert!(timeout(day, sink.deliver(&events)).await.is_err());
        let panicking = std::panic::AssertUnwindSafe(sink.deliver(&events)).catch_unwind();
        assert!(panicking.await.is_err());
        assert!(sink.stored().is_empty());
        assert_eq!(sink.calls().len(), 2);
    }
}
