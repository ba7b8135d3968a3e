/// The Shannon entropy of `bytes`, in bits a byte: 0 for `xxxx`, 4 for random hexadecimal digits.
pub(crate) fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let length = bytes.len() as f64;
    counts
        .into_iter()
        .filter(|count| *count > 0)
        .map(|count| f64::from(count) / length)
        .map(|share| -share * share.log2())
        .sum()
}

/// Whether no part of `bytes` has as much entropy as a secret of its kind.
///
/// Judged by pieces: a row of `x` before a secret must not hide it, and where all pieces are dull
/// nothing in them is a secret.
pub(crate) fn is_dull(bytes: &[u8], least: f64) -> bool {
    if bytes.len() < 2 * PIECE {
        return entropy(bytes) < least;
    }
    bytes
        .chunks_exact(PIECE)
        .all(|piece| entropy(piece) < least)
}

/// Whether letters, digits or signs of at least two kinds stand in `bytes`, as in most passwords
/// and in few words of prose.
pub(crate) fn is_mixed(bytes: &[u8]) -> bool {
    let kinds: [fn(&u8) -> bool; 4] = [
        u8::is_ascii_lowercase,
        u8::is_ascii_uppercase,
        u8::is_ascii_digit,
        u8::is_ascii_punctuation,
    ];
    kinds
        .into_iter()
        .filter(|kind| bytes.iter().any(kind))
        .count()
        >= 2
}

/// Random hexadecimal digits of this length nearly always have more than 2.5 bits each.
const PIECE: usize = 16;

#[cfg(test)]
mod tests {
    use super::{entropy, is_dull, is_mixed};

    #[test]
    fn a_row_of_letters_hides_no_secret() {
        let row = "x".repeat(1000);
        assert!(is_dull(row.as_bytes(), 2.5) && is_dull(b"xxxx", 2.5));
        assert!(!is_dull(
            format!("{row}kpcoumvq604tsx2k17nn30rkvogvgw85mi1u").as_bytes(),
            2.5
        ));
    }

    #[test]
    fn entropy_is_shannons() {
        assert_eq!(entropy(b"xxxx"), 0.0);
        assert_eq!(entropy(b"abab"), 1.0);
        assert_eq!(entropy(b"0123456789abcdef"), 4.0);
        assert_eq!(entropy(b""), 0.0);
    }

    #[test]
    fn words_are_not_mixed() {
        assert!(is_mixed(b"hunter2") && is_mixed(b"Tr0ub") && is_mixed(b"a-b"));
        assert!(!is_mixed(b"required") && !is_mixed(b"1234") && !is_mixed(b""));
    }
}
