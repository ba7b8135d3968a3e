use events_core::time::Timestamp;

/// When a key's signatures count, judged by the time of the signed event.
///
/// `nbf` and `exp` of the key in its set, both optional, in whole seconds since 1970 (RFC 7519,
/// NumericDate). From `not_before` on, and before `expires`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Validity {
    /// `nbf`: the first second that counts.
    pub not_before: Option<i64>,
    /// `exp`: the first second that no longer counts.
    pub expires: Option<i64>,
}

impl Validity {
    /// Whether a signature over an event of this time counts. A key with bounds cannot vouch for
    /// an event without time.
    #[must_use]
    pub fn covers(&self, time: Option<&Timestamp>) -> bool {
        if *self == Self::default() {
            return true;
        }
        let Some(second) = time.map(|time| time.instant().timestamp()) else {
            return false;
        };
        self.not_before.is_none_or(|first| first <= second)
            && self.expires.is_none_or(|end| second < end)
    }
}

#[cfg(test)]
mod tests {
    use super::Validity;

    #[test]
    fn the_first_second_counts_and_the_last_does_not() {
        let year = Validity {
            not_before: Some(1_577_836_800),
            expires: Some(1_609_459_200),
        };
        let covers = |time: &str| year.covers(Some(&time.parse().unwrap()));
        assert!(!covers("2019-12-31T23:59:59.999Z"));
        assert!(covers("2020-01-01T00:00:00Z"));
        assert!(covers("2020-12-31T23:59:59.999Z"));
        assert!(!covers("2021-01-01T00:00:00Z"));
        assert!(covers("2021-01-01T01:00:00+02:00"));
        assert!(!year.covers(None));
        assert!(Validity::default().covers(None));
    }
}
