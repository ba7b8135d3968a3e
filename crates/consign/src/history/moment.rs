use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use events_core::time::{Timestamp, now};

/// Where `--since` begins or `--until` ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Moment {
    /// So long before now.
    Ago(TimeDelta),
    At(DateTime<Utc>),
    /// The message of that sequence.
    Sequence(u64),
}

impl Moment {
    /// The time it stands for; none for a sequence.
    pub(crate) fn time(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Ago(age) => now().checked_sub_signed(age),
            Self::At(time) => Some(time),
            Self::Sequence(_) => None,
        }
    }
}

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        if let Some(digits) = text.strip_prefix("seq:") {
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            let sequence = plain.then(|| digits.parse().ok()).flatten();
            return sequence.map(Self::Sequence).ok_or(RULE);
        }
        if let Ok(time) = text.parse::<Timestamp>() {
            return Ok(Self::At(time.instant()));
        }
        let age = humantime::parse_duration(text).map_err(|_| RULE)?;
        let age = TimeDelta::from_std(age).map_err(|_| RULE)?;
        // As far back as times go is as good as for ever.
        let known = now().checked_sub_signed(age).is_some();
        known.then_some(Self::Ago(age)).ok_or(RULE)
    }
}

const RULE: &str =
    "an age such as 30m or 1d3h, a time such as 2026-11-20T12:00:00Z, or seq:123 with --stream";

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn ages_times_and_sequences_are_read_and_nothing_else() {
        let read = |text: &str| text.parse::<Moment>();
        assert_eq!(read("1d3h"), Ok(Moment::Ago(chrono::TimeDelta::hours(27))));
        assert_eq!(read("seq:123"), Ok(Moment::Sequence(123)));
        let noon = read("2026-11-20T12:00:00+01:00").unwrap().time().unwrap();
        assert_eq!(noon.to_rfc3339(), "2026-11-20T11:00:00+00:00");
        for bad in [
            "",
            "yesterday",
            "seq:",
            "seq:+1",
            "seq:-1",
            "12:00",
            "300000000y",
            "-1h",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
