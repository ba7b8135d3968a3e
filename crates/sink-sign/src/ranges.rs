use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A set of sequence numbers, held and written as ranges: `17,19-22`. Numbers start at 1.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Ranges(
    /// First to last number of each range. Ranges neither overlap nor touch.
    BTreeMap<u64, u64>,
);

/// The text is no list of ranges.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("read ranges of numbers such as 17,19-22")]
pub struct RangesError;

impl Ranges {
    /// The ranges, ascending, each as its first and last number.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().map(|(first, last)| (*first, *last))
    }

    /// How many numbers are in the set.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.iter().map(|(first, last)| last - first + 1).sum()
    }

    /// How many ranges there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no number is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `number` is in the set.
    #[must_use]
    pub fn contains(&self, number: u64) -> bool {
        self.end_of(number).is_some()
    }

    /// The lowest number.
    #[must_use]
    pub fn first(&self) -> Option<u64> {
        self.0.keys().next().copied()
    }

    /// The highest number.
    #[must_use]
    pub fn last(&self) -> Option<u64> {
        self.0.values().next_back().copied()
    }

    /// The last number of the range that holds `number`.
    pub(crate) fn end_of(&self, number: u64) -> Option<u64> {
        let (_, last) = self.0.range(..=number).next_back()?;
        (*last >= number).then_some(*last)
    }

    /// Adds a number. False where it was there before.
    pub(crate) fn insert(&mut self, number: u64) -> bool {
        let is_new = !self.contains(number);
        if is_new {
            self.insert_range(number, number);
        }
        is_new
    }

    /// Adds the numbers from `first` to `last`.
    pub(crate) fn insert_range(&mut self, first: u64, last: u64) {
        let (mut first, mut last) = (first, last);
        while let Some((start, end)) = self.at_or_below(last.saturating_add(1)) {
            if end.saturating_add(1) < first {
                break;
            }
            self.0.remove(&start);
            first = first.min(start);
            last = last.max(end);
        }
        self.0.insert(first, last);
    }

    /// Removes the numbers from `first` to `last`.
    pub(crate) fn remove_range(&mut self, first: u64, last: u64) {
        while let Some((start, end)) = self.at_or_below(last) {
            if end < first {
                break;
            }
            self.0.remove(&start);
            if end > last {
                self.0.insert(last + 1, end);
            }
            if start < first {
                self.0.insert(start, first - 1);
            }
        }
    }

    /// Removes all numbers of `other`.
    pub(crate) fn subtract(&mut self, other: &Self) {
        for (first, last) in other.iter() {
            self.remove_range(first, last);
        }
    }

    /// Adds all numbers of `other`.
    pub(crate) fn extend(&mut self, other: &Self) {
        for (first, last) in other.iter() {
            self.insert_range(first, last);
        }
    }

    /// The numbers between the lowest and the highest that are not in the set.
    pub(crate) fn gaps(&self) -> Self {
        let starts = self.iter().skip(1).map(|(first, _)| first - 1);
        let ends = self.iter().map(|(_, last)| last.saturating_add(1));
        Self(ends.zip(starts).collect())
    }

    /// The lowest ranges, at most `count` of them.
    pub(crate) fn lowest(&self, count: usize) -> Self {
        Self(self.iter().take(count).collect())
    }

    fn at_or_below(&self, number: u64) -> Option<(u64, u64)> {
        let found = self.0.range(..=number).next_back();
        found.map(|(first, last)| (*first, *last))
    }
}

impl fmt::Display for Ranges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (first, last)) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { "," };
            write!(f, "{separator}{first}")?;
            if last > first {
                write!(f, "-{last}")?;
            }
        }
        Ok(())
    }
}

impl FromStr for Ranges {
    type Err = RangesError;

    fn from_str(text: &str) -> Result<Self, RangesError> {
        let number = |digits: &str| -> Result<u64, RangesError> {
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            let number = digits.parse().ok().filter(|number| plain && *number > 0);
            number.ok_or(RangesError)
        };
        let mut ranges = Self::default();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return Err(RangesError);
            }
            ranges.insert_range(first, last);
        }
        Ok(ranges)
    }
}

impl Serialize for Ranges {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::{any, prop, proptest};

    use super::Ranges;

    fn members(ranges: &Ranges) -> BTreeSet<u64> {
        ranges
            .iter()
            .flat_map(|(first, last)| first..=last)
            .collect()
    }

    proptest! {
        #[test]
        fn they_behave_as_a_set(steps in prop::collection::vec((any::<bool>(), 1_u64..60, 0_u64..8), 0..60)) {
            let mut ranges = Ranges::default();
            let mut model = BTreeSet::new();
            for (adds, first, more) in steps {
                let last = first + more;
                if adds {
                    ranges.insert_range(first, last);
                    model.extend(first..=last);
                } else {
                    ranges.remove_range(first, last);
                    model.retain(|number| !(first..=last).contains(number));
                }
                assert_eq!(members(&ranges), model);
                assert_eq!(ranges.count(), model.len() as u64);
                assert_eq!((ranges.first(), ranges.last()), (model.first().copied(), model.last().copied()));
                let pairs: Vec<_> = ranges.iter().collect();
                assert!(pairs.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0), "{ranges}");
            }
            let all = ranges.first().unwrap_or(1)..=ranges.last().unwrap_or(0);
            let missing: BTreeSet<u64> = all.filter(|number| !model.contains(number)).collect();
            assert_eq!(members(&ranges.gaps()), missing);
            if !ranges.is_empty() {
                assert_eq!(ranges.to_string().parse::<Ranges>().unwrap(), ranges);
            }
        }
    }

    #[test]
    fn text_is_numbers_and_ranges_from_1() {
        let ranges: Ranges = "17,19-22".parse().unwrap();
        assert_eq!(members(&ranges), BTreeSet::from([17, 19, 20, 21, 22]));
        assert_eq!(ranges.to_string(), "17,19-22");
        let last = u64::MAX.to_string();
        assert_eq!(last.parse::<Ranges>().unwrap().last(), Some(u64::MAX));
        for bad in [
            "",
            "0",
            "1,",
            ",1",
            "2-1",
            "1-",
            "-1",
            "+1",
            "1 ",
            "1-2-3",
            "18446744073709551616",
        ] {
            assert!(bad.parse::<Ranges>().is_err(), "{bad}");
        }
    }
}
