use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

/// Keeps what is spilled of one subject in the order in which its deliveries began.
///
/// Deliveries of one subject may run side by side, and when the destination goes away the later
/// one may learn of it first. So each takes a ticket, and whoever has to spill waits until no
/// earlier ticket of the subject is out. Tickets are numbers of one sequence, each waits for
/// smaller ones alone, so nobody waits in a circle. No lock is held while waiting.
#[derive(Debug, Default)]
pub(crate) struct Turnstile {
    lanes: Mutex<Lanes>,
    left: Notify,
}

/// One delivery's way through the turnstile. Dropping it lets others pass.
#[derive(Debug)]
pub(crate) struct Pass<'a> {
    turnstile: &'a Turnstile,
    ticket: u64,
    subjects: HashMap<Arc<str>, Way>,
}

/// How the events of a subject go on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Way {
    /// To the destination.
    Live,
    /// To the destination, although earlier ones wait: too many do.
    Ahead,
    /// To the spool, behind those that are there or on their way there.
    Behind,
}

impl Turnstile {
    /// Enters with the events of `subjects`. `way` says how those of a subject go on, going by
    /// what is in the spool; it is called under a lock.
    pub(crate) fn enter<'a>(
        &self,
        subjects: impl IntoIterator<Item = &'a Arc<str>>,
        way: impl Fn(&str) -> Way,
    ) -> Pass<'_> {
        let mut lanes = self.lanes();
        lanes.tickets += 1;
        let ticket = lanes.tickets;
        let mut ways = HashMap::new();
        for subject in subjects {
            if ways.contains_key(subject) {
                continue;
            }
            let lane = lanes.of.entry(Arc::clone(subject)).or_default();
            lane.tickets.insert(ticket);
            let way = match way(subject) {
                Way::Live if lane.spilling > 0 => Way::Behind,
                way => way,
            };
            if way == Way::Behind {
                lane.spilling += 1;
            }
            ways.insert(Arc::clone(subject), way);
        }
        Pass {
            turnstile: self,
            ticket,
            subjects: ways,
        }
    }

    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass<'_> {
    /// How the events of `subject` go on.
    pub(crate) fn way(&self, subject: &str) -> Way {
        self.subjects.get(subject).copied().unwrap_or(Way::Live)
    }

    /// The live deliveries have ended: lets go of the subjects that have nothing to spill, and has
    /// later events of the others go behind.
    pub(crate) fn ended(&mut self, spills: impl Fn(&str) -> bool) {
        let mut lanes = self.turnstile.lanes();
        let ticket = self.ticket;
        self.subjects.retain(|subject, way| {
            if *way == Way::Behind {
                return true;
            }
            if spills(subject) {
                lanes.of.entry(Arc::clone(subject)).or_default().spilling += 1;
                *way = Way::Behind;
                return true;
            }
            lanes.leave(subject, ticket, *way);
            false
        });
        drop(lanes);
        self.turnstile.left.notify_waiters();
    }

    /// Waits until no earlier delivery of these subjects is out, for `patience` at most.
    pub(crate) async fn turn(&self, patience: Duration) {
        let until = Instant::now() + patience;
        loop {
            let mut left = std::pin::pin!(self.turnstile.left.notified());
            // Heard from here on, so that nobody leaves unheard between the look and the wait.
            left.as_mut().enable();
            if self.is_first() || timeout_at(until, left).await.is_err() {
                return;
            }
        }
    }

    fn is_first(&self) -> bool {
        let lanes = self.turnstile.lanes();
        let first = |subject| lanes.of.get(subject)?.tickets.first().copied();
        self.subjects
            .keys()
            .all(|subject| first(subject).is_none_or(|first| first >= self.ticket))
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut lanes = self.turnstile.lanes();
        for (subject, way) in self.subjects.drain() {
            lanes.leave(&subject, self.ticket, way);
        }
        drop(lanes);
        self.turnstile.left.notify_waiters();
    }
}

#[derive(Debug, Default)]
struct Lanes {
    tickets: u64,
    of: HashMap<Arc<str>, Lane>,
}

impl Lanes {
    fn leave(&mut self, subject: &str, ticket: u64, way: Way) {
        let Some(lane) = self.of.get_mut(subject) else {
            return;
        };
        lane.tickets.remove(&ticket);
        if way == Way::Behind {
            lane.spilling = lane.spilling.saturating_sub(1);
        }
        if lane.tickets.is_empty() {
            self.of.remove(subject);
        }
    }
}

/// The deliveries of one subject that are out.
#[derive(Debug, Default)]
struct Lane {
    tickets: BTreeSet<u64>,
    /// How many of them are on their way to the spool.
    spilling: usize,
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::time::{Instant, timeout};

    use super::{Turnstile, Way};

    const PATIENCE: Duration = Duration::from_secs(5);

    fn subject(name: &str) -> Arc<str> {
        name.into()
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_spills_waits_for_earlier_deliveries_of_its_subject_alone() {
        let turnstile = Turnstile::default();
        let (a, b) = (subject("a"), subject("b"));
        let first = turnstile.enter([&a, &b], |_| Way::Live);
        let mut second = turnstile.enter([&a], |_| Way::Live);
        second.ended(|_| true);
        let soon = Duration::from_secs(1);
        assert!(timeout(soon, second.turn(PATIENCE)).await.is_err());
        drop(first);
        assert!(timeout(soon, second.turn(PATIENCE)).await.is_ok());
        let mut other = turnstile.enter([&b], |_| Way::Live);
        other.ended(|_| true);
        assert!(timeout(soon, other.turn(PATIENCE)).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn patience_ends() {
        let turnstile = Turnstile::default();
        let a = subject("a");
        let _first = turnstile.enter([&a], |_| Way::Live);
        let mut second = turnstile.enter([&a], |_| Way::Live);
        second.ended(|_| true);
        let start = Instant::now();
        second.turn(PATIENCE).await;
        assert_eq!(start.elapsed(), PATIENCE);
    }

    #[tokio::test]
    async fn events_go_behind_those_on_their_way_to_the_spool() {
        let turnstile = Turnstile::default();
        let (a, b) = (subject("a"), subject("b"));
        let mut first = turnstile.enter([&a], |_| Way::Live);
        assert_eq!(turnstile.enter([&a], |_| Way::Live).way("a"), Way::Live);
        first.ended(|subject| subject == "a");
        let second = turnstile.enter([&a, &b], |_| Way::Live);
        assert_eq!((second.way("a"), second.way("b")), (Way::Behind, Way::Live));
        drop((first, second));
        assert_eq!(turnstile.enter([&a], |_| Way::Live).way("a"), Way::Live);
        assert!(turnstile.lanes().of.is_empty());
    }
}
