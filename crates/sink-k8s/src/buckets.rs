//! How many Events may begin, about one object and about all.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Instant;

use crate::limit::{Rate, TokenBucket};

/// A bucket for one object of one's own, which nobody else draws from while there is room for
/// theirs; one for each other object, for so many at most; and one for all others together, whose
/// names anybody may invent.
#[derive(Debug)]
pub(crate) struct Buckets<K> {
    own: (K, TokenBucket),
    others: TokenBucket,
    rate: Rate,
    room: usize,
    each: HashMap<K, TokenBucket>,
}

impl<K: Clone + Eq + Hash> Buckets<K> {
    /// `rate` is each object's, `others` that of all but `own` together.
    pub(crate) fn new(own: K, rate: Rate, others: Rate, room: usize, now: Instant) -> Self {
        Self {
            own: (own, TokenBucket::new(rate, now)),
            others: TokenBucket::new(others, now),
            rate,
            room,
            each: HashMap::new(),
        }
    }

    /// Takes a token of that object's.
    pub(crate) fn take(&mut self, object: &K, now: Instant) -> bool {
        if *object == self.own.0 {
            return self.own.1.take(now);
        }
        if !self.others.take(now) {
            return false;
        }
        let taken = self.bucket(object, now).take(now);
        if !taken {
            self.others.put_back();
        }
        taken
    }

    /// Gives a token of that object's back.
    pub(crate) fn put_back(&mut self, object: &K) {
        if *object != self.own.0 {
            self.others.put_back();
        }
        match self.each.get_mut(object) {
            Some(bucket) => bucket.put_back(),
            None => self.own.1.put_back(),
        }
    }

    /// The object's bucket; where no room is left for another, one's own.
    fn bucket(&mut self, object: &K, now: Instant) -> &mut TokenBucket {
        let is_known = self.each.contains_key(object);
        if !is_known && self.each.len() >= self.room {
            self.each.retain(|_, bucket| !bucket.is_full(now));
        }
        if !is_known && self.each.len() >= self.room {
            return &mut self.own.1;
        }
        let new = || TokenBucket::new(self.rate, now);
        self.each.entry(object.clone()).or_insert_with(new)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Buckets, Rate};

    const fn rate(burst: u32) -> Rate {
        Rate {
            burst,
            every: Duration::from_secs(300),
        }
    }

    fn buckets(others: u32, room: usize) -> impl FnMut(u32, u64) -> bool {
        let start = Instant::now();
        let mut buckets = Buckets::new(0, rate(3), rate(others), room, start);
        move |object, seconds| buckets.take(&object, start + Duration::from_secs(seconds))
    }

    #[test]
    fn objects_do_not_share() {
        let mut takes = buckets(100, 9);
        let expected = [true, true, true, false];
        assert_eq!([1; 4].map(|object| takes(object, 0)), expected);
        assert_eq!([2; 4].map(|object| takes(object, 0)), expected);
        assert_eq!([0; 4].map(|object| takes(object, 0)), expected);
    }

    #[test]
    fn all_others_together_have_a_bound_that_is_not_ones_own() {
        let mut takes = buckets(4, 9);
        let others = [1, 2, 3, 4, 5, 6].map(|object| takes(object, 0));
        assert_eq!(others, [true, true, true, true, false, false]);
        assert!(takes(0, 0));
        assert_eq!([7, 8].map(|object| takes(object, 300)), [true, false]);
        // What an object may not have for itself is not taken from the others.
        let mut takes = buckets(4, 9);
        let ones = [1; 9].map(|object| takes(object, 0));
        assert_eq!(ones.iter().filter(|taken| **taken).count(), 3);
        assert!(takes(2, 0));
    }

    #[test]
    fn beyond_the_room_they_share_ones_own() {
        let mut takes = buckets(100, 2);
        assert_eq!([1, 2].map(|object| takes(object, 0)), [true, true]);
        let invented = [3, 4, 5, 6].map(|object| takes(object, 0));
        assert_eq!(invented, [true, true, true, false]);
        // The first two are full again, and make room.
        assert!(takes(7, 300));
        assert!(takes(8, 300));
    }
}
