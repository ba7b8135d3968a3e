use std::sync::{Mutex, MutexGuard, PoisonError};

use events_core::subject::SubjectPattern;
use tokio::sync::watch;

use super::counts::LaneCounts;
use super::fault::{Active, Step, Verdict};
use crate::nats::frame::{Frame, Kind};

/// One direction of all connections: its fault and its counts.
#[derive(Debug)]
pub(super) struct Lane {
    state: Mutex<State>,
    marks: watch::Sender<Marks>,
}

/// What was asked of a lane so far; a connection acts on what came since it last looked.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Marks {
    pub(super) faults: u64,
    pub(super) heals: u64,
    pub(super) half_closes: u64,
}

#[derive(Debug, Default)]
struct State {
    fault: Active,
    /// The only messages to be harmed, where there is such a choice.
    aim: Option<SubjectPattern>,
    counts: LaneCounts,
}

impl Lane {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::default(),
            marks: watch::Sender::new(Marks::default()),
        }
    }

    pub(super) fn set(&self, fault: Active) {
        self.lock().fault = fault;
        self.marks.send_modify(|marks| marks.faults += 1);
    }

    pub(super) fn aim(&self, subjects: SubjectPattern) {
        self.lock().aim = Some(subjects);
    }

    pub(super) fn heal(&self) {
        self.lock().fault = Active::None;
        self.marks.send_modify(|marks| marks.heals += 1);
    }

    pub(super) fn half_close(&self) {
        self.marks.send_modify(|marks| marks.half_closes += 1);
    }

    pub(super) fn marks(&self) -> watch::Receiver<Marks> {
        self.marks.subscribe()
    }

    pub(super) fn counts(&self) -> LaneCounts {
        self.lock().counts
    }

    pub(super) fn is_frozen(&self) -> bool {
        matches!(self.lock().fault, Active::Freeze)
    }

    /// Decides what becomes of a frame, and counts it.
    pub(super) fn judge(&self, frame: &Frame) -> Verdict {
        let mut state = self.lock();
        if state.aim.as_ref().is_some_and(|aim| !is_on(frame, aim)) {
            return Verdict::Step(Step::Pass);
        }
        let verdict = match frame.kind {
            Kind::Message => state.fault.judge_message(),
            Kind::Control | Kind::Raw => state.fault.judge_any(),
        };
        let counts = &mut state.counts;
        counts.messages += u64::from(frame.kind == Kind::Message);
        match verdict {
            Verdict::Step(Step::Pass) => {}
            Verdict::Step(Step::Drop) => counts.dropped += 1,
            Verdict::Step(Step::Double) => counts.doubled += 1,
            Verdict::Step(Step::Delay(_)) | Verdict::Queue(_) => counts.delayed += 1,
        }
        verdict
    }

    /// How many of so many bytes may be written before the connection is to be cut.
    pub(super) fn allow(&self, wanted: usize) -> usize {
        let mut state = self.lock();
        let Active::CutAfter(left) = &mut state.fault else {
            return wanted;
        };
        let allowed = wanted.min(usize::try_from(*left).unwrap_or(usize::MAX));
        *left -= allowed as u64;
        if allowed < wanted {
            state.fault = Active::None;
        }
        allowed
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether it is a message on one of these subjects.
fn is_on(frame: &Frame, subjects: &SubjectPattern) -> bool {
    let line = frame.bytes.get(..frame.line).unwrap_or_default();
    let subject = str::from_utf8(line)
        .ok()
        .and_then(|line| line.split_whitespace().nth(1));
    frame.kind == Kind::Message && subject.is_some_and(|subject| subjects.matches(subject))
}
