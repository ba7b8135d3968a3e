//! How many Events are written about one object.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// How many Events may be written about one object: `burst` at once, then one in `every`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rate {
    /// How many at once.
    pub burst: u32,
    /// How long until there is room for one more.
    pub every: Duration,
}

impl Default for Rate {
    /// 25 at once, then one in five minutes: what Kubernetes' own clients keep to.
    fn default() -> Self {
        Self {
            burst: 25,
            every: Duration::from_secs(300),
        }
    }
}

/// A token bucket. Pure: fed with instants, which may stand still or go back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TokenBucket {
    rate: Rate,
    tokens: u32,
    since: Instant,
}

impl TokenBucket {
    /// A full bucket.
    #[must_use]
    pub fn new(rate: Rate, now: Instant) -> Self {
        Self {
            rate,
            tokens: rate.burst,
            since: now,
        }
    }

    /// Takes a token, if there is one.
    pub fn take(&mut self, now: Instant) -> bool {
        self.refill(now);
        let taken = self.tokens.checked_sub(1);
        self.tokens = taken.unwrap_or(0);
        taken.is_some()
    }

    /// Gives a token back that was taken for nothing.
    pub fn put_back(&mut self) {
        self.tokens = self.tokens.saturating_add(1).min(self.rate.burst);
    }

    /// Whether it has all the tokens it can hold: as good as a new one.
    pub fn is_full(&mut self, now: Instant) -> bool {
        self.refill(now);
        self.tokens == self.rate.burst
    }

    /// Adds the whole tokens that have come since the last one did.
    fn refill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.since);
        let room = self.rate.burst.saturating_sub(self.tokens);
        let come = match self.rate.every.as_nanos() {
            0 => u128::from(u32::MAX),
            every => passed.as_nanos() / every,
        };
        let come = u32::try_from(come).unwrap_or(u32::MAX);
        if come >= room {
            self.tokens = self.rate.burst;
            self.since = self.since.max(now);
        } else {
            self.tokens += come;
            self.since += self.rate.every * come;
        }
    }
}

/// A bucket for each object, for so many objects at most.
#[derive(Debug)]
pub(crate) struct Buckets<K> {
    rate: Rate,
    room: usize,
    buckets: HashMap<K, TokenBucket>,
}

impl<K: Clone + Eq + Hash> Buckets<K> {
    pub(crate) fn new(rate: Rate, room: usize) -> Self {
        Self {
            rate,
            room,
            buckets: HashMap::new(),
        }
    }

    /// Takes a token of that object's. Where no room is left for another object, there is none.
    pub(crate) fn take(&mut self, object: &K, now: Instant) -> bool {
        if let Some(bucket) = self.buckets.get_mut(object) {
            return bucket.take(now);
        }
        if self.buckets.len() >= self.room {
            self.buckets.retain(|_, bucket| !bucket.is_full(now));
        }
        if self.buckets.len() >= self.room {
            return false;
        }
        let mut bucket = TokenBucket::new(self.rate, now);
        let taken = bucket.take(now);
        self.buckets.insert(object.clone(), bucket);
        taken
    }

    /// Gives a token of that object's back.
    pub(crate) fn put_back(&mut self, object: &K) {
        if let Some(bucket) = self.buckets.get_mut(object) {
            bucket.put_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::collection::vec;
    use proptest::{prop_assert, proptest};

    use super::{Buckets, Rate, TokenBucket};

    const RATE: Rate = Rate {
        burst: 3,
        every: Duration::from_secs(300),
    };

    #[test]
    fn a_burst_then_one_at_a_time() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(RATE, start);
        let mut takes = |seconds| bucket.take(start + Duration::from_secs(seconds));
        assert_eq!(
            [0, 0, 0, 0, 299].map(&mut takes),
            [true, true, true, false, false]
        );
        assert_eq!(
            [300, 300, 599, 600].map(&mut takes),
            [true, false, false, true]
        );
        assert_eq!([9000; 4].map(&mut takes), [true, true, true, false]);
    }

    #[test]
    fn what_is_put_back_can_be_taken_and_no_more() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(RATE, start);
        assert!(bucket.take(start));
        bucket.put_back();
        bucket.put_back();
        assert_eq!(
            [(); 4].map(|()| bucket.take(start)),
            [true, true, true, false]
        );
    }

    #[test]
    fn objects_do_not_share_and_there_are_so_many_at_most() {
        let start = Instant::now();
        let mut buckets = Buckets::new(RATE, 2);
        let mut takes =
            |object, seconds| buckets.take(&object, start + Duration::from_secs(seconds));
        assert_eq!([1, 1, 1, 1].map(|n| takes(n, 0)), [true, true, true, false]);
        assert!(takes(2, 0));
        assert!(!takes(3, 0));
        // The second object's bucket is full again, and makes room.
        assert!(takes(3, 300));
        assert!(!takes(4, 300));
    }

    proptest! {
        #[test]
        fn never_more_than_the_burst_and_what_came_since(
            burst in 0_u32..40,
            every in 1_u64..600,
            steps in vec(0_u64..200, 1..200),
        ) {
            let rate = Rate { burst, every: Duration::from_secs(every) };
            let start = Instant::now();
            let mut bucket = TokenBucket::new(rate, start);
            let mut passed = 0;
            let mut taken = 0;
            for step in steps {
                passed += step;
                taken += u64::from(bucket.take(start + Duration::from_secs(passed)));
                prop_assert!(taken <= u64::from(burst) + passed / every);
            }
        }

        #[test]
        fn who_waits_long_enough_for_each_is_never_refused(burst in 1_u32..10, every in 1_u64..600) {
            let rate = Rate { burst, every: Duration::from_secs(every) };
            let start = Instant::now();
            let mut bucket = TokenBucket::new(rate, start);
            for turn in 0..50 {
                prop_assert!(bucket.take(start + Duration::from_secs(every * turn)));
            }
        }
    }
}
