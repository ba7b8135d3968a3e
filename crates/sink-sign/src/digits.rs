//! Numbers as events bear them: 20 digits, so that text sorts as numbers do.

/// The number in 20 digits.
pub(crate) fn write(number: u64) -> String {
    format!("{number:020}")
}

/// The number that exactly 20 digits say.
pub(crate) fn read(text: &str) -> Option<u64> {
    let plain = text.len() == 20 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::{read, write};

    #[test]
    fn numbers_have_20_digits() {
        assert_eq!(read("00000000000000000001"), Some(1));
        assert_eq!(read("18446744073709551615"), Some(u64::MAX));
        assert_eq!(read(&write(42)), Some(42));
        for bad in [
            "1",
            "18446744073709551616",
            "+0000000000000000001",
            "000000000000000000001",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
