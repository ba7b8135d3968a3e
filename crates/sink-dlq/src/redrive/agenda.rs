use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use tokio::time::Instant;

use crate::{Area, RecordId};

/// What is to be redriven, and in which order. Pure: time comes from outside.
///
/// Records of one subject and area make a lane, oldest first. A batch takes from the lanes in
/// turn, each its share, so that neither a huge nor a stuck lane holds up the others. A lane that
/// failed is probed with one record, not before its time. A narrow lane has one at a time.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    lanes: HashMap<Key, Lane>,
    /// Which lane is served next: those that wait longest since they were.
    turns: BTreeMap<u64, Key>,
    last_turn: u64,
}

/// Area and subject.
pub(crate) type Key = (Area, Arc<str>);

impl Agenda {
    /// There is a record. Told again, nothing changes. A lane that is new begins `state`d.
    pub(crate) fn learn(&mut self, id: RecordId, key: &Key, state: State) {
        if let Some(lane) = self.lanes.get_mut(key) {
            lane.records.insert(id);
            return;
        }
        let lane = Lane {
            records: BTreeSet::from([id]),
            turn: self.stand_last(key),
            state,
            failures: 0,
            is_narrow: false,
        };
        self.lanes.insert(key.clone(), lane);
    }

    /// The record needs no redriving any more.
    pub(crate) fn done(&mut self, id: RecordId, key: &Key) {
        let Some(lane) = self.lanes.get_mut(key) else {
            return;
        };
        lane.records.remove(&id);
        if lane.records.is_empty() {
            self.turns.remove(&lane.turn);
            self.lanes.remove(key);
        }
    }

    /// The next records, `limit` at most, oldest first. They stay on the agenda.
    pub(crate) fn take(&mut self, now: Instant, limit: usize) -> Vec<(RecordId, Key)> {
        let is_due = |key: &Key| self.lanes.get(key).is_some_and(|lane| lane.is_due(now));
        let due = self.turns.values().filter(|key| is_due(key)).take(limit);
        let mut due: Vec<(usize, Key)> = due
            .map(|key| (self.lanes.get(key).map_or(0, Lane::ready), key.clone()))
            .collect();
        // The shortest lanes first: what they leave of their share goes to the longer ones.
        due.sort_by_key(|(ready, _)| *ready);
        let mut taken = Vec::new();
        let mut lanes_left = due.len();
        for (ready, key) in due {
            let share = (limit - taken.len()).div_ceil(lanes_left).min(ready);
            lanes_left -= 1;
            let turn = self.stand_last(&key);
            let Some(lane) = self.lanes.get_mut(&key) else {
                continue;
            };
            self.turns.remove(&lane.turn);
            lane.turn = turn;
            let records = lane.records.iter().take(share);
            taken.extend(records.map(|id| (*id, key.clone())));
        }
        taken.sort_unstable_by_key(|(id, _)| *id);
        taken
    }

    /// The records of the lane, oldest first.
    pub(crate) fn lane(&self, key: &Key) -> impl Iterator<Item = RecordId> + '_ {
        let lane = self.lanes.get(key);
        lane.into_iter()
            .flat_map(|lane| lane.records.iter().copied())
    }

    /// The destination took a record of the lane: what follows may go at once.
    pub(crate) fn opened(&mut self, key: &Key) {
        if let Some(lane) = self.lanes.get_mut(key) {
            lane.failures = 0;
            lane.state = State::Open;
        }
    }

    /// The destination did not take a record of the lane: the next is a probe, at the time that
    /// `until` makes of the number of failures in a row.
    pub(crate) fn closed(&mut self, key: &Key, until: impl FnOnce(u32) -> Instant) {
        if let Some(lane) = self.lanes.get_mut(key) {
            lane.failures = lane.failures.saturating_add(1);
            lane.state = State::Closed {
                until: until(lane.failures),
            };
        }
    }

    /// From now on the lane's records go one at a time, until none is left: where room comes and
    /// goes, the second of two may find some that the first did not.
    pub(crate) fn narrow(&mut self, key: &Key) {
        if let Some(lane) = self.lanes.get_mut(key) {
            lane.is_narrow = true;
        }
    }

    /// Whether the lane's records go one at a time.
    pub(crate) fn is_narrow(&self, key: &Key) -> bool {
        self.lanes.get(key).is_some_and(|lane| lane.is_narrow)
    }

    /// When the next closed lane may be probed; `None` when no lane is closed.
    pub(crate) fn next_probe(&self) -> Option<Instant> {
        let until = |lane: &Lane| match lane.state {
            State::Open => None,
            State::Closed { until } => Some(until),
        };
        self.lanes.values().filter_map(until).min()
    }

    fn stand_last(&mut self, key: &Key) -> u64 {
        self.last_turn += 1;
        self.turns.insert(self.last_turn, key.clone());
        self.last_turn
    }
}

/// Whether a lane's records may go.
#[derive(Clone, Copy, Debug)]
pub(crate) enum State {
    /// All may.
    Open,
    /// One may, and not before `until`.
    Closed {
        /// When it may.
        until: Instant,
    },
}

#[derive(Debug)]
struct Lane {
    records: BTreeSet<RecordId>,
    turn: u64,
    state: State,
    failures: u32,
    is_narrow: bool,
}

impl Lane {
    fn is_due(&self, now: Instant) -> bool {
        match self.state {
            State::Open => true,
            State::Closed { until } => until <= now,
        }
    }

    /// How many may go at once, when it is due.
    fn ready(&self) -> usize {
        match self.state {
            State::Open if !self.is_narrow => self.records.len(),
            State::Open | State::Closed { .. } => self.records.len().min(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Agenda, Key, State};
    use crate::{Area, RecordId};

    fn key(subject: &str) -> Key {
        (Area::Waiting, subject.into())
    }

    /// Records by number and subject.
    fn agenda(records: impl IntoIterator<Item = (u64, &'static str)>) -> Agenda {
        let mut agenda = Agenda::default();
        for (number, subject) in records {
            agenda.learn(RecordId::new(number), &key(subject), State::Open);
        }
        agenda
    }

    fn take(agenda: &mut Agenda, now: Instant, limit: usize) -> Vec<u64> {
        let taken = agenda.take(now, limit);
        taken.into_iter().map(|(id, _)| id.number()).collect()
    }

    #[test]
    fn records_are_taken_in_order_and_stay_until_they_are_done() {
        let now = Instant::now();
        let mut agenda = agenda([(1, "a"), (2, "b"), (3, "a"), (4, "b")]);
        assert_eq!(take(&mut agenda, now, 9), [1, 2, 3, 4]);
        for number in [1, 2, 3] {
            let subject = if number == 2 { "b" } else { "a" };
            agenda.done(RecordId::new(number), &key(subject));
        }
        assert_eq!(take(&mut agenda, now, 9), [4]);
        agenda.done(RecordId::new(4), &key("b"));
        assert!(agenda.lanes.is_empty() && agenda.turns.is_empty());
    }

    #[test]
    fn a_huge_lane_leaves_the_others_their_share() {
        let now = Instant::now();
        let huge = (0..1000).map(|number| (number, "huge"));
        let mut agenda = agenda(huge.chain([(1000, "b"), (1001, "c"), (1002, "c")]));
        let taken = take(&mut agenda, now, 9);
        assert_eq!(taken, [0, 1, 2, 3, 4, 5, 1000, 1001, 1002]);
    }

    #[test]
    fn where_not_all_lanes_fit_they_take_turns() {
        let now = Instant::now();
        let mut agenda = agenda([(1, "a"), (2, "b"), (3, "c")]);
        let mut taken: Vec<u64> = (0..3).flat_map(|_| take(&mut agenda, now, 1)).collect();
        taken.sort_unstable();
        assert_eq!(taken, [1, 2, 3]);
    }

    #[test]
    fn a_closed_lane_is_probed_with_one_when_it_is_time() {
        let now = Instant::now();
        let second = Duration::from_secs(1);
        let mut agenda = agenda([(1, "a"), (2, "a"), (3, "b")]);
        agenda.closed(&key("a"), |failures| now + second * failures);
        assert_eq!(agenda.next_probe(), Some(now + second));
        assert_eq!(take(&mut agenda, now, 9), [3]);
        assert_eq!(take(&mut agenda, now + second, 9), [1, 3]);
        agenda.closed(&key("a"), |failures| now + second * failures);
        assert_eq!(agenda.next_probe(), Some(now + second * 2));
        agenda.opened(&key("a"));
        assert_eq!(take(&mut agenda, now, 9), [1, 2, 3]);
        assert_eq!(agenda.next_probe(), None);
    }

    #[test]
    fn a_narrow_lane_has_one_at_a_time_until_it_is_empty() {
        let now = Instant::now();
        let mut agenda = agenda([(1, "a"), (2, "a"), (3, "b"), (4, "b")]);
        agenda.narrow(&key("a"));
        assert_eq!(take(&mut agenda, now, 9), [1, 3, 4]);
        agenda.done(RecordId::new(1), &key("a"));
        assert_eq!(take(&mut agenda, now, 9), [2, 3, 4]);
        agenda.done(RecordId::new(2), &key("a"));
        assert!(!agenda.is_narrow(&key("a")));
    }

    #[test]
    fn told_twice_a_record_is_taken_once() {
        let now = Instant::now();
        let mut agenda = agenda([(1, "a"), (1, "a")]);
        assert_eq!(take(&mut agenda, now, 9), [1]);
    }
}
