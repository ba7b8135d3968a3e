//! Values as an operator writes them.

use std::time::Duration;

/// A duration in its largest whole unit, as in `90d`; without one, `unlimited`.
pub(crate) fn span(span: Option<Duration>) -> String {
    let Some(span) = span else {
        return UNLIMITED.to_owned();
    };
    let nanos = span.as_nanos();
    let units = SPANS.iter();
    let whole = units.filter(|(unit, _)| nanos > 0 && nanos.is_multiple_of(*unit));
    match whole.max_by_key(|(unit, _)| *unit) {
        Some((unit, sign)) => format!("{}{sign}", nanos / unit),
        None => "0s".to_owned(),
    }
}

/// A number of bytes or messages; without one, `unlimited`.
pub(crate) fn amount(amount: Option<u64>) -> String {
    amount.map_or_else(|| UNLIMITED.to_owned(), |amount| amount.to_string())
}

/// A number of bytes, written `10GiB` or plainly.
pub(crate) fn parse_bytes(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|sign: char| !sign.is_ascii_digit());
    let (number, unit) = text.split_at_checked(digits.len())?;
    let (_, factor) = SIZES.iter().find(|(sign, _)| *sign == unit.trim())?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

const UNLIMITED: &str = "unlimited";

const SPANS: [(u128, &str); 7] = [
    (1, "ns"),
    (1_000, "us"),
    (1_000_000, "ms"),
    (1_000_000_000, "s"),
    (60_000_000_000, "m"),
    (3_600_000_000_000, "h"),
    (86_400_000_000_000, "d"),
];

const SIZES: [(&str, u64); 5] = [
    ("", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{parse_bytes, span};

    #[test]
    fn a_duration_reads_back_as_the_same() {
        for (seconds, expected) in [(7_776_000, "90d"), (259_200, "3d"), (5_400, "90m")] {
            let written = span(Some(Duration::from_secs(seconds)));
            assert_eq!(written, expected);
            let read = humantime::parse_duration(&written).unwrap();
            assert_eq!(read, Duration::from_secs(seconds));
        }
        assert_eq!(span(Some(Duration::from_millis(1_500))), "1500ms");
        assert_eq!(span(None), "unlimited");
    }

    #[test]
    fn bytes_have_units() {
        assert_eq!(parse_bytes("10GiB"), Some(10 << 30));
        assert_eq!(parse_bytes("4096"), Some(4096));
        for bad in ["", "GiB", "1.5GiB", "10GB", "-1", "99999999TiB"] {
            assert_eq!(parse_bytes(bad), None, "{bad}");
        }
    }
}
