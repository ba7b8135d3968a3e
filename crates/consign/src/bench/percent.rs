use std::fmt;
use std::str::FromStr;

/// A share of a whole in thousandths of a percent, so that shares compare exactly.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Percent(u32);

impl Percent {
    /// The share of `part` in `whole`, rounded down: only all is 100 %. All of nothing is all.
    pub(super) fn of(part: u64, whole: u64) -> Self {
        let share = u128::from(part.min(whole)) * u128::from(ALL);
        let share = share.checked_div(u128::from(whole));
        Self(share.and_then(|share| share.try_into().ok()).unwrap_or(ALL))
    }

    pub(super) fn as_f64(self) -> f64 {
        f64::from(self.0) / 1000.0
    }
}

impl fmt::Display for Percent {
    /// With two digits, or three where the third says something.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, thousandths) = (self.0 / 1000, self.0 % 1000);
        if thousandths.is_multiple_of(10) {
            write!(f, "{whole}.{:02}%", thousandths / 10)
        } else {
            write!(f, "{whole}.{thousandths:03}%")
        }
    }
}

impl FromStr for Percent {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "want a percentage from 0 to 100 with at most three decimals, such as 99.99";
        let text = text.trim_end_matches('%').trim_end();
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || decimals.len() > 3 {
            return Err(wrong);
        }
        let whole: u32 = whole.parse().map_err(|_| wrong)?;
        let thousandths: u32 = format!("{decimals:0<3}").parse().map_err(|_| wrong)?;
        let share = whole
            .checked_mul(1000)
            .and_then(|whole| whole.checked_add(thousandths));
        match share {
            Some(share) if share <= ALL => Ok(Self(share)),
            _ => Err(wrong),
        }
    }
}

const ALL: u32 = 100_000;

#[cfg(test)]
mod tests {
    use super::Percent;

    #[test]
    fn only_all_is_all_and_shares_are_read_as_they_are_written() {
        for (part, whole, text) in [
            (0, 0, "100.00%"),
            (0, 7, "0.00%"),
            (1, 3, "33.333%"),
            (9_999_999, 10_000_000, "99.999%"),
            (9_899, 10_000, "98.99%"),
            (7, 7, "100.00%"),
        ] {
            let share = Percent::of(part, whole);
            assert_eq!(share.to_string(), text);
            assert_eq!(text.parse(), Ok(share));
        }
        assert_eq!("99.9".parse::<Percent>(), "99.900%".parse());
        for bad in [
            "", "%", "-1", "1e2", "100.001", "99.9999", ".5", "5.", "4294968",
        ] {
            bad.parse::<Percent>().unwrap_err();
        }
    }
}
