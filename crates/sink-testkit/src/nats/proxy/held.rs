use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::fault::{Step, Verdict};

/// Frames on their way, by when they are due.
#[derive(Debug, Default)]
pub(super) struct Held {
    frames: BTreeMap<(Instant, u64), Bytes>,
    bytes: usize,
    pushed: u64,
    /// No frame that keeps its place is due before this.
    queue_end: Option<Instant>,
}

impl Held {
    pub(super) fn push(&mut self, frame: &Bytes, verdict: &Verdict) {
        let now = Instant::now();
        let queued = |by| self.queue_end.map_or(now + by, |end| end.max(now + by));
        match verdict {
            Verdict::Step(Step::Drop) => {}
            Verdict::Step(Step::Delay(by)) => self.insert(now + *by, frame),
            Verdict::Step(Step::Pass) => {
                let due = queued(Duration::ZERO);
                self.insert(due, frame);
            }
            Verdict::Step(Step::Double) => {
                let due = queued(Duration::ZERO);
                self.insert(due, frame);
                self.insert(due, frame);
            }
            Verdict::Queue(by) => {
                let due = queued(*by);
                self.queue_end = Some(due);
                self.insert(due, frame);
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// When the first is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.frames.keys().next().map(|(due, _)| *due)
    }

    /// Takes out the first.
    pub(super) fn pop(&mut self) -> Option<Bytes> {
        let (_, frame) = self.frames.pop_first()?;
        self.bytes -= frame.len();
        Some(frame)
    }

    /// Makes all due at once, in the order in which they came.
    pub(super) fn release(&mut self) {
        let now = Instant::now();
        self.queue_end = None;
        let frames = std::mem::take(&mut self.frames);
        let due_now = |((_, number), frame)| ((now, number), frame);
        self.frames = frames.into_iter().map(due_now).collect();
    }

    fn insert(&mut self, due: Instant, frame: &Bytes) {
        self.pushed += 1;
        self.bytes += frame.len();
        self.frames.insert((due, self.pushed), frame.clone());
    }
}
