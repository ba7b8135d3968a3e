use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::time::Duration;

use fastrand::Rng;

/// One of the two ways through a proxy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    /// From the client to the server: publishes.
    ToServer,
    /// From the server to the client: acknowledgements.
    ToClient,
}

/// What a proxy does to one direction, until told otherwise.
///
/// Frames are whole: a fault that comes or goes in the middle of one counts for all of it or for
/// none. Messages are the frames `PUB`, `HPUB`, `MSG` and `HMSG`. What is not NATS, such as TLS,
/// passes as it comes and is never a message. Requests to JetStream's API and their answers are
/// messages like any other, so let a client set itself up first. A number beside chance is its seed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fault {
    /// Takes every frame and forwards none, while the connection looks alive.
    Drop,
    /// Holds every frame for a time drawn from the range, without changing their order.
    Delay(RangeInclusive<Duration>, u64),
    /// Reads and forwards nothing, not even the end of the connection, as a network that lost
    /// the way. What was in flight arrives after [`heal`](super::Proxy::heal).
    Freeze,
    /// Forwards that many bytes more, counted over all connections, and resets the connection
    /// that has the next. Then it is over.
    CutAfter(u64),
    /// One step for each message, whatever its connection; past the last they all pass.
    Script(Vec<Step>),
    /// A step for each message by chance.
    Odds(Odds, u64),
}

/// What happens to one message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// Forwards it.
    Pass,
    /// Swallows it.
    Drop,
    /// Forwards it twice in a row.
    Double,
    /// Forwards it that much later; what comes after it does not wait.
    Delay(Duration),
}

/// How many messages of a hundred fare how; the others pass. Their sum is at most 100.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Odds {
    /// Of a hundred, how many are swallowed.
    pub drop: u8,
    /// Of a hundred, how many are forwarded twice.
    pub double: u8,
    /// Of a hundred, how many come later than others.
    pub delay: u8,
    /// How much later.
    pub delay_by: RangeInclusive<Duration>,
}

impl Default for Odds {
    /// All pass.
    fn default() -> Self {
        Self {
            drop: 0,
            double: 0,
            delay: 0,
            delay_by: Duration::ZERO..=Duration::ZERO,
        }
    }
}

/// A fault in force, with how far it has come.
#[derive(Debug, Default)]
pub(super) enum Active {
    #[default]
    None,
    Drop,
    Delay(RangeInclusive<Duration>, Rng),
    Freeze,
    CutAfter(u64),
    Script(VecDeque<Step>),
    Odds(Odds, Rng),
}

/// What is to be done with one frame.
pub(super) enum Verdict {
    Step(Step),
    /// Delays it and all after it.
    Queue(Duration),
}

impl Active {
    pub(super) fn judge_message(&mut self) -> Verdict {
        match self {
            Self::Script(steps) => Verdict::Step(steps.pop_front().unwrap_or(Step::Pass)),
            Self::Odds(odds, rng) => Verdict::Step(odds.draw(rng)),
            _ => self.judge_any(),
        }
    }

    pub(super) fn judge_any(&mut self) -> Verdict {
        match self {
            Self::Drop => Verdict::Step(Step::Drop),
            Self::Delay(range, rng) => Verdict::Queue(within(range, rng)),
            Self::None | Self::Freeze | Self::CutAfter(_) | Self::Script(_) | Self::Odds(..) => {
                Verdict::Step(Step::Pass)
            }
        }
    }
}

impl From<Fault> for Active {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Drop => Self::Drop,
            Fault::Delay(range, seed) => Self::Delay(range, Rng::with_seed(seed)),
            Fault::Freeze => Self::Freeze,
            Fault::CutAfter(bytes) => Self::CutAfter(bytes),
            Fault::Script(steps) => Self::Script(steps.into()),
            Fault::Odds(odds, seed) => Self::Odds(odds, Rng::with_seed(seed)),
        }
    }
}

impl Odds {
    fn draw(&self, rng: &mut Rng) -> Step {
        let drawn = rng.u8(..100);
        let doubled = self.drop.saturating_add(self.double);
        let delayed = doubled.saturating_add(self.delay);
        match drawn {
            _ if drawn < self.drop => Step::Drop,
            _ if drawn < doubled => Step::Double,
            _ if drawn < delayed => Step::Delay(within(&self.delay_by, rng)),
            _ => Step::Pass,
        }
    }
}

fn within(range: &RangeInclusive<Duration>, rng: &mut Rng) -> Duration {
    let width = range.end().saturating_sub(*range.start());
    *range.start() + width.mul_f64(rng.f64())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Active, Fault, Odds, Step, Verdict};

    #[test]
    fn chance_keeps_to_its_odds_and_repeats_itself() {
        let (least, most) = (Duration::from_millis(3), Duration::from_millis(9));
        let odds = Odds {
            drop: 10,
            double: 20,
            delay: 30,
            delay_by: least..=most,
        };
        let draw = |seed| -> Vec<Step> {
            let mut fault = Active::from(Fault::Odds(odds.clone(), seed));
            let step = || match fault.judge_message() {
                Verdict::Step(step) => step,
                Verdict::Queue(_) => unreachable!("odds never queue"),
            };
            std::iter::repeat_with(step).take(10_000).collect()
        };
        let steps = draw(7);
        assert_eq!(steps, draw(7));
        assert_ne!(steps, draw(8));
        let share = |wanted: fn(&Step) -> bool| steps.iter().filter(|step| wanted(step)).count();
        assert!((800..1200).contains(&share(|step| *step == Step::Drop)));
        assert!((1800..2200).contains(&share(|step| *step == Step::Double)));
        assert!((2800..3200).contains(&share(|step| matches!(step, Step::Delay(_)))));
        let kept = |step: &Step| !matches!(step, Step::Delay(by) if *by < least || *by > most);
        assert!(steps.iter().all(kept));
    }
}
