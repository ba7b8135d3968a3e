//! Wall-clock time: the one place that reads it, and timestamps that keep their text.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike as _, SecondsFormat, SubsecRound as _, Utc};

use crate::{Problem, Violations};

/// The time now. Everything in the workspace that needs wall-clock time asks here.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the clock"
)]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// An RFC 3339 timestamp: the instant, and the text it came as, offset and digits included.
#[derive(Clone, Eq, PartialEq)]
pub struct Timestamp {
    text: Box<str>,
    instant: DateTime<Utc>,
}

impl Timestamp {
    /// The time now, in UTC with microseconds.
    #[must_use]
    pub fn now() -> Self {
        let instant = now();
        let instant = instant.trunc_subsecs(6);
        Self {
            text: instant.to_rfc3339_opts(SecondsFormat::Micros, true).into(),
            instant,
        }
    }

    /// The text as it was received.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The instant it names.
    #[must_use]
    pub fn instant(&self) -> DateTime<Utc> {
        self.instant
    }

    /// The instant in UTC to the whole second, as the verifiability extension hashes it.
    #[must_use]
    pub fn to_zulu_seconds(&self) -> String {
        self.instant.to_rfc3339_opts(SecondsFormat::Secs, true)
    }
}

impl FromStr for Timestamp {
    type Err = Violations;

    /// Parses RFC 3339 section 5.6, with `T` between date and time.
    fn from_str(text: &str) -> Result<Self, Violations> {
        let refused = || {
            Violations::one(
                "time",
                Problem::MustBe("an RFC 3339 timestamp with an offset"),
            )
        };
        if !text.is_ascii() || !matches!(text.as_bytes().get(10), Some(b'T' | b't')) {
            return Err(refused());
        }
        let parsed = DateTime::parse_from_rfc3339(text).map_err(|_| refused())?;
        let instant = parsed.to_utc();
        // In UTC the year may leave the four digits that RFC 3339 has for it.
        if !(0..=9999).contains(&instant.year()) {
            return Err(refused());
        }
        Ok(Self {
            text: text.into(),
            instant,
        })
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({} bytes)", self.text.len())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn text_is_kept_and_the_instant_is_normalised() {
        let time: Timestamp = "2020-06-18T19:24:53.123456789+02:00".parse().unwrap();
        assert_eq!(time.as_str(), "2020-06-18T19:24:53.123456789+02:00");
        assert_eq!(time.to_zulu_seconds(), "2020-06-18T17:24:53Z");
    }

    #[test]
    fn a_leap_second_is_accepted() {
        let time: Timestamp = "2016-12-31T23:59:60Z".parse().unwrap();
        assert_eq!(time.to_zulu_seconds(), "2016-12-31T23:59:60Z");
    }

    #[test]
    fn what_rfc_3339_forbids_is_refused() {
        for text in [
            "",
            "2020-06-18",
            "2020-06-18 17:24:53Z",
            "2020-06-18T17:24:53",
            "2020-13-18T17:24:53Z",
            "2020-06-18T17:24:53Z ",
            "2020-06-18T17:24:53\u{2212}02:00",
            "0000-01-01T00:00:00+02:00",
            "9999-12-31T23:59:59-01:00",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn now_has_microseconds_and_reads_back() {
        let now = Timestamp::now();
        assert_eq!(now.as_str().parse::<Timestamp>().unwrap(), now);
        assert_eq!(now.as_str().len(), "2026-11-21T10:00:00.000000Z".len());
    }
}
