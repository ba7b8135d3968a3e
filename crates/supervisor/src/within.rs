use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use events_core::{Draft, ErrorKind, EventSink, Outcome, SinkError, WireEvent};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// A sink that is given so much time and no more: what it has not answered by then is
/// `Unavailable`, and a spool around it keeps it.
///
/// Once it let its time pass, or half of it for nothing, one delivery at a time asks it, and the
/// others are `Unavailable` at once, until it answers again: so a sink that hangs costs one
/// deadline, not one for each subject.
///
/// # Cancel safety
/// That of the sink inside, whose delivery is dropped when its time is over.
#[derive(Debug)]
pub(crate) struct Within<S> {
    inner: S,
    deadline: Duration,
    hangs: AtomicBool,
    /// Held by who asks a sink that hangs.
    probe: Mutex<()>,
}

type Answer = Result<Outcome, SinkError>;

impl<S> Within<S> {
    pub(crate) fn new(deadline: Duration, inner: S) -> Self {
        Self {
            inner,
            deadline,
            hangs: AtomicBool::new(false),
            probe: Mutex::default(),
        }
    }
}

impl<S: EventSink> Within<S> {
    async fn ask(&self, events: &[WireEvent]) -> Vec<Answer> {
        let begun = Instant::now();
        let answers = timeout(self.deadline, self.inner.deliver(events)).await;
        let is_silent = answers.as_ref().map_or(true, |answers| {
            let slow = begun.elapsed() >= self.deadline / 2;
            slow && answers.iter().all(is_unavailable)
        });
        self.hangs.store(is_silent, Ordering::Relaxed);
        answers.unwrap_or_else(|_| refused(events, "get an answer in the sink's time"))
    }
}

#[async_trait]
impl<S: EventSink> EventSink for Within<S> {
    fn prepare(&self, drafts: &mut [Draft]) {
        self.inner.prepare(drafts);
    }

    async fn deliver(&self, events: &[WireEvent]) -> Vec<Answer> {
        if !self.hangs.load(Ordering::Relaxed) {
            return self.ask(events).await;
        }
        match self.probe.try_lock() {
            Ok(_asking) => self.ask(events).await,
            Err(_) => refused(events, "ask a sink that does not answer others"),
        }
    }
}

/// That of the sink inside: a deadline changes nothing about what happens to events.
impl<S: fmt::Display> fmt::Display for Within<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

fn is_unavailable(answer: &Answer) -> bool {
    matches!(answer, Err(error) if error.kind() == ErrorKind::Unavailable)
}

fn refused(events: &[WireEvent], doing: &'static str) -> Vec<Answer> {
    let refused = SinkError::new(ErrorKind::Unavailable, doing);
    events.iter().map(|_| Err(refused.clone())).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use events_core::EventSink as _;
    use futures::poll;
    use sink_testkit::{FlakySink, Step, sealed};
    use tokio::time::Instant;

    use super::{Within, is_unavailable};

    #[tokio::test(start_paused = true)]
    async fn a_sink_that_hangs_costs_one_deadline_at_a_time_until_it_answers() {
        let deadline = Duration::from_secs(2);
        let sink = Within::new(deadline, FlakySink::script([Step::Hang, Step::Hang]));
        assert_eq!(sink.to_string(), FlakySink::script([]).to_string());
        let events = sealed(2);
        let begun = Instant::now();
        assert!(sink.deliver(&events).await.iter().all(is_unavailable));
        assert_eq!(begun.elapsed(), deadline);

        let mut probe = sink.deliver(&events);
        assert!(poll!(&mut probe).is_pending());
        for _ in 0..100 {
            assert!(sink.deliver(&events).await.iter().all(is_unavailable));
        }
        assert_eq!(begun.elapsed(), deadline, "the others wait for nobody");
        assert!(probe.await.iter().all(is_unavailable));
        assert_eq!(begun.elapsed(), deadline * 2);

        let answers = sink.deliver(&events).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        let both = (sink.deliver(&events), sink.deliver(&events));
        let (first, second) = futures::join!(both.0, both.1);
        assert!(first.iter().chain(&second).all(Result::is_ok));
    }
}
