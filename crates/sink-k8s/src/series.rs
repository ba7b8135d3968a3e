//! Repeated events: one Event with a count.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::time::{Duration, Instant};

/// The Events that may be repeated, by what makes two events the same. Pure: fed with instants.
///
/// An Event's first repetition is due at once, later ones once in a `pace`, and what is left when
/// nothing was seen for a `gap` is due then, the last time.
#[derive(Debug)]
pub(crate) struct Series<K, T> {
    gap: Duration,
    pace: Duration,
    lines: HashMap<K, Line<T>>,
}

/// What an Event has to be told of its series.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Update<K, T> {
    pub(crate) key: K,
    /// The Event's name.
    pub(crate) name: String,
    /// How often it was seen, the first time included: 2 at least.
    pub(crate) count: u32,
    /// When it was seen last.
    pub(crate) at: T,
}

/// An Event that there is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Begun {
    pub(crate) name: String,
    /// The event's identity.
    pub(crate) id: String,
    /// How often it was seen, as it says itself.
    pub(crate) count: u32,
}

/// What an event is to the Events there are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Seen {
    /// None is like it, or has not been for a gap.
    New,
    /// It repeats one, and was counted.
    Again,
    /// It was counted before: the same event, delivered once more.
    Known,
}

#[derive(Debug)]
struct Line<T> {
    name: String,
    /// The identities of the last events, oldest first.
    ids: VecDeque<String>,
    count: u32,
    told: u32,
    at: T,
    seen: Instant,
    told_at: Option<Instant>,
}

impl<K: Clone + Eq + Hash, T: Clone> Series<K, T> {
    pub(crate) fn new(gap: Duration, pace: Duration) -> Self {
        Self {
            gap,
            pace,
            lines: HashMap::new(),
        }
    }

    /// Counts an event of that identity, if it repeats one that was seen less than a gap ago.
    pub(crate) fn sees(&mut self, key: &K, id: &str, at: T, now: Instant) -> Seen {
        let gap = self.gap;
        let Some(line) = self.lines.get_mut(key).filter(|line| !line.ended(gap, now)) else {
            return Seen::New;
        };
        if line.ids.iter().any(|known| known == id) {
            return Seen::Known;
        }
        if line.ids.len() >= REMEMBERED {
            line.ids.pop_front();
        }
        line.ids.push_back(id.to_owned());
        line.count = line.count.saturating_add(1);
        line.at = at;
        line.seen = line.seen.max(now);
        Seen::Again
    }

    /// There is an Event for what was [`New`](Seen::New), which says that it was seen `count` times.
    /// Gives back how many repetitions of an earlier one of the same key were never told.
    pub(crate) fn begin(&mut self, key: K, event: Begun, at: T, now: Instant) -> u32 {
        let Begun { name, id, count } = event;
        let line = Line {
            name,
            ids: VecDeque::from([id]),
            count,
            told: count,
            at,
            seen: now,
            told_at: None,
        };
        let before = self.lines.insert(key, line);
        before.map_or(0, |line| line.untold())
    }

    /// Forgets what has ended and has nothing left to tell; gives back what is due.
    pub(crate) fn due(&mut self, now: Instant) -> Vec<Update<K, T>> {
        let (gap, pace) = (self.gap, self.pace);
        self.lines
            .retain(|_, line| line.untold() > 0 || !line.ended(gap, now));
        self.updates(|line| line.untold() > 0 && line.due(gap, pace).is_some_and(|due| due <= now))
    }

    /// Whatever is not told yet, due or not.
    pub(crate) fn untold(&self) -> Vec<Update<K, T>> {
        self.updates(|line| line.untold() > 0)
    }

    /// When there is something to do next.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let due = |line: &Line<T>| line.due(self.gap, self.pace);
        self.lines.values().filter_map(due).min()
    }

    /// An update was written. A series that has ended is forgotten.
    pub(crate) fn told(&mut self, update: &Update<K, T>, now: Instant) {
        if let Some(line) = self.lines.get_mut(&update.key) {
            line.told = update.count;
            line.told_at = Some(now);
            if line.ended(self.gap, now) && line.untold() == 0 {
                self.lines.remove(&update.key);
            }
        }
    }

    /// An update could not be written: it is due again after a pace, unless the series has ended.
    /// Gives back how many repetitions are never told.
    pub(crate) fn missed(&mut self, update: &Update<K, T>, now: Instant) -> u32 {
        let Some(line) = self.lines.get_mut(&update.key) else {
            return 0;
        };
        line.told_at = Some(now);
        if line.ended(self.gap, now) {
            return self.forget(&update.key);
        }
        0
    }

    /// The Event is gone. Gives back how many repetitions it was never told.
    pub(crate) fn forget(&mut self, key: &K) -> u32 {
        self.lines.remove(key).map_or(0, |line| line.untold())
    }

    fn updates(&self, which: impl Fn(&Line<T>) -> bool) -> Vec<Update<K, T>> {
        let lines = self.lines.iter().filter(|(_, line)| which(line));
        lines
            .map(|(key, line)| Update {
                key: key.clone(),
                name: line.name.clone(),
                count: line.count,
                at: line.at.clone(),
            })
            .collect()
    }
}

impl<T> Line<T> {
    fn untold(&self) -> u32 {
        self.count.saturating_sub(self.told)
    }

    fn ended(&self, gap: Duration, now: Instant) -> bool {
        now.saturating_duration_since(self.seen) >= gap
    }

    /// When it has to be looked at: to be told of what it was not, or to be forgotten.
    fn due(&self, gap: Duration, pace: Duration) -> Option<Instant> {
        let end = self.seen.checked_add(gap);
        match self.told_at {
            _ if self.untold() == 0 => end,
            None => Some(self.seen),
            Some(told) => told.checked_add(pace).into_iter().chain(end).min(),
        }
    }
}

/// How many events of a series are known again.
const REMEMBERED: usize = 64;

#[cfg(test)]
mod tests {
    use std::hash::Hash;
    use std::time::{Duration, Instant};

    use proptest::collection::vec;
    use proptest::prelude::any;
    use proptest::{prop_assert, prop_assert_eq, proptest};

    use super::{Begun, REMEMBERED, Seen, Series, Update};

    const GAP: Duration = Duration::from_secs(360);
    const PACE: Duration = Duration::from_secs(30);

    #[test]
    fn the_first_repetition_is_told_at_once_and_later_ones_together() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut series = Series::new(GAP, PACE);
        assert!(!again(&mut series, "a", 0, at(0)));
        assert_eq!(begin(&mut series, "a", "a.1", 0, at(0)), 0);
        assert_eq!(series.due(at(1)), []);
        assert!(again(&mut series, "a", 2, at(2)));
        assert_eq!(series.next_due(), Some(at(2)));
        let update = Update {
            key: "a",
            name: "a.1".into(),
            count: 2,
            at: 2,
        };
        assert_eq!(series.due(at(2)), std::slice::from_ref(&update));
        series.told(&update, at(2));
        for second in 3..30 {
            assert!(again(&mut series, "a", second, at(second)));
            assert_eq!(series.due(at(second)), []);
        }
        assert_eq!(series.next_due(), Some(at(32)));
        let update = Update {
            key: "a",
            name: "a.1".into(),
            count: 29,
            at: 29,
        };
        assert_eq!(series.due(at(32)), std::slice::from_ref(&update));
        series.told(&update, at(32));
        // Seen last at 29: six minutes later it has ended, and the next is an Event of its own.
        assert_eq!(series.next_due(), Some(at(389)));
        assert!(!again(&mut series, "a", 389, at(389)));
        assert_eq!(series.due(at(389)), []);
        assert_eq!(series.next_due(), None);
    }

    #[test]
    fn what_could_not_be_told_is_tried_again_and_counted_in_the_end() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut series = Series::new(GAP, PACE);
        begin(&mut series, "a", "a.1", (), at(0));
        assert!(again(&mut series, "a", (), at(10)));
        assert!(again(&mut series, "a", (), at(11)));
        for try_at in [11, 41, 71] {
            let due = series.due(at(try_at));
            assert_eq!(due.len(), 1);
            assert_eq!(series.missed(&due[0], at(try_at)), 0);
        }
        let due = series.due(at(371));
        assert_eq!(series.missed(&due[0], at(371)), 2);
        assert_eq!(series.next_due(), None);
    }

    #[test]
    fn an_event_that_comes_again_is_counted_once() {
        let start = Instant::now();
        let mut series = Series::new(GAP, PACE);
        begin(&mut series, "a", "first", (), start);
        let mut sees = |id: &str| series.sees(&"a", id, (), start);
        assert_eq!(sees("first"), Seen::Known);
        assert_eq!(sees("second"), Seen::Again);
        assert_eq!(["first", "second"].map(&mut sees), [Seen::Known; 2]);
        // So many are known, and no more.
        for number in 0..REMEMBERED {
            assert_eq!(sees(&number.to_string()), Seen::Again);
        }
        assert_eq!(["0", "second"].map(sees), [Seen::Known, Seen::Again]);
        assert_eq!(
            series.untold()[0].count,
            3 + u32::try_from(REMEMBERED).unwrap()
        );
    }

    #[test]
    fn a_count_goes_on_from_what_the_event_says() {
        let start = Instant::now();
        let mut series = Series::new(GAP, PACE);
        let (name, id) = ("a.1".to_owned(), "1".to_owned());
        let begun = Begun { name, id, count: 5 };
        assert_eq!(series.begin("a", begun, (), start), 0);
        assert_eq!(series.untold(), []);
        assert!(again(&mut series, "a", (), start));
        assert_eq!(series.untold()[0].count, 6);
    }

    #[test]
    fn an_event_that_is_gone_begins_anew() {
        let start = Instant::now();
        let mut series = Series::new(GAP, PACE);
        begin(&mut series, "a", "a.1", (), start);
        assert!(again(&mut series, "a", (), start));
        assert_eq!(series.forget(&"a"), 1);
        assert!(!again(&mut series, "a", (), start));
    }

    /// Whether another event repeats one.
    fn again<K: Copy + Eq + Hash, T: Clone>(
        series: &mut Series<K, T>,
        key: K,
        at: T,
        now: Instant,
    ) -> bool {
        let id = fastrand::u128(..).to_string();
        series.sees(&key, &id, at, now) == Seen::Again
    }

    fn begin<K: Clone + Eq + Hash, T: Clone>(
        series: &mut Series<K, T>,
        key: K,
        name: &str,
        at: T,
        now: Instant,
    ) -> u32 {
        let (name, id) = (name.to_owned(), name.to_owned());
        let begun = Begun { name, id, count: 1 };
        series.begin(key, begun, at, now)
    }

    proptest! {
        /// What was told, what is lost and what stands untold make up what was seen.
        #[test]
        fn every_event_is_accounted_for(
            steps in vec((0_u8..3, 0_u64..400, any::<bool>()), 1..200),
        ) {
            let start = Instant::now();
            let mut series = Series::new(GAP, PACE);
            let (mut now, mut seen, mut begun, mut lost, mut name) = (start, 0, 0, 0, 0);
            let mut told = std::collections::HashMap::new();
            for (key, seconds, works) in steps {
                now += Duration::from_secs(seconds);
                seen += 1;
                if !again(&mut series, key, (), now) {
                    begun += 1;
                    name += 1;
                    lost += begin(&mut series, key, &name.to_string(), (), now);
                }
                for update in series.due(now) {
                    prop_assert!(update.count >= 2);
                    if works {
                        let before = told.insert(update.name.clone(), update.count);
                        prop_assert!(before.is_none_or(|before| before < update.count));
                        series.told(&update, now);
                    } else {
                        lost += series.missed(&update, now);
                    }
                }
                prop_assert!(series.next_due().is_none_or(|due| due > now));
            }
            let before: u32 = told.values().map(|count| count - 1).sum();
            let left: u32 = series.untold().iter().map(|update| {
                update.count - told.get(&update.name).copied().unwrap_or(1)
            }).sum();
            prop_assert_eq!(seen, begun + before + lost + left);
        }
    }
}
