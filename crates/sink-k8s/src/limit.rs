//! How often something may be done.

use std::time::{Duration, Instant};

/// How many Events may begin: `burst` at once, then one in `every`.
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

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::collection::vec;
    use proptest::{prop_assert, proptest};

    use super::{Rate, TokenBucket};

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
