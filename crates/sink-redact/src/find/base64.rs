//! Runs of base64 digits in a text, and what they decode to.

use std::ops::Range;

/// The maximal runs of at least [`SHORTEST`] digits of either alphabet (RFC 4648 sections 4, 5).
pub(crate) fn runs(text: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        let run = next_stretch(text.len(), from, SHORTEST, |at| {
            text.get(at).is_some_and(|byte| is_digit(*byte))
        })?;
        from = run.end;
        Some(run)
    })
}

/// The run, longer by the lines it goes on in, if it is wrapped, and by its padding.
pub(crate) fn unwrapped(text: &[u8], run: Range<usize>) -> Range<usize> {
    let mut end = run.end;
    let mut line = run.len();
    while line >= SHORTEST_LINE {
        let rest = text.get(end..).unwrap_or_default();
        let gap = rest
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let next = rest.get(gap..).unwrap_or_default();
        line = next.iter().take_while(|byte| is_digit(**byte)).count();
        let breaks = rest.iter().take(gap).any(|byte| *byte == b'\n');
        if !breaks || gap > WIDEST_GAP || line == 0 {
            break;
        }
        end += gap + line;
    }
    let rest = text.get(end..).unwrap_or_default();
    let padding = rest
        .iter()
        .take(2)
        .take_while(|byte| **byte == b'=')
        .count();
    run.start..end + padding
}

/// The run of digits and padding around `range`.
pub(crate) fn run_around(text: &[u8], range: Range<usize>) -> Range<usize> {
    let before = text.get(..range.start).unwrap_or_default();
    let after = text.get(range.end..).unwrap_or_default();
    let digits_before = before
        .iter()
        .rev()
        .take_while(|byte| is_digit(**byte))
        .count();
    let digits_after = after.iter().take_while(|byte| is_digit(**byte)).count();
    let padding = after.iter().skip(digits_after).take(2);
    let padding = padding.take_while(|byte| **byte == b'=').count();
    range.start - digits_before..range.end + digits_after + padding
}

/// Whether the run may decode to text: so many printable characters in a row come by chance once
/// in thousands of random runs.
pub(crate) fn hides_text(run: &[u8]) -> bool {
    (0..4).any(|phase| is_texty(run, phase))
}

/// What the run decodes to, once for each place its first group may begin at, where that may be
/// text. A run can begin with digits that belong to no group: `/` in a path is one of them.
pub(crate) fn decodings(run: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..4)
        .filter(|phase| is_texty(run, *phase))
        .map(|phase| decode(run.get(phase..).unwrap_or_default()))
}

/// Whether hexadecimal digits in the run decode to text.
pub(crate) fn hides_hex_text(run: &[u8]) -> bool {
    hex_stretches(run).any(|digits| (0..2).any(|phase| is_hex_texty(digits, phase)))
}

/// What the hexadecimal digits in the run decode to, where that may be text.
pub(crate) fn hex_decodings(run: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    let phases = |digits| (0..2).map(move |phase| (digits, phase));
    hex_stretches(run)
        .flat_map(phases)
        .filter(|(digits, phase)| is_hex_texty(digits, *phase))
        .map(|(digits, phase)| hex_bytes(digits, phase).collect())
}

fn hex_stretches(run: &[u8]) -> impl Iterator<Item = &[u8]> + '_ {
    let is_hex = |at: usize| run.get(at).is_some_and(u8::is_ascii_hexdigit);
    let mut from = 0;
    std::iter::from_fn(move || {
        let stretch = next_stretch(run.len(), from, 6 * TELLING_GROUPS, is_hex)?;
        from = stretch.end;
        run.get(stretch)
    })
}

/// The next stretch of at least `shortest` things in a row, from `from` on, that are `fit`.
///
/// Looks at each possible stretch from its end: the first unfit thing there tells how far the
/// next one is, so that most things are never looked at.
fn next_stretch(
    count: usize,
    from: usize,
    shortest: usize,
    fit: impl Fn(usize) -> bool,
) -> Option<Range<usize>> {
    let mut start = from;
    while start + shortest <= count {
        match (start..start + shortest).rev().find(|at| !fit(*at)) {
            Some(unfit) => start = unfit + 1,
            None => {
                let end = (start + shortest..count).find(|at| !fit(*at));
                return Some(start..end.unwrap_or(count));
            }
        }
    }
    None
}

fn is_texty(run: &[u8], phase: usize) -> bool {
    let digits = run.get(phase..).unwrap_or_default();
    let is_printable_group = |group: usize| {
        let digits = digits.get(4 * group..4 * group + 4).unwrap_or_default();
        group_bytes(digits).is_some_and(|bytes| bytes.iter().all(is_printable))
    };
    next_stretch(digits.len() / 4, 0, TELLING_GROUPS, is_printable_group).is_some()
}

fn is_hex_texty(run: &[u8], phase: usize) -> bool {
    let digits = run.get(phase..).unwrap_or_default();
    let is_printable_pair = |pair: usize| {
        let byte = match digits.get(2 * pair..2 * pair + 2) {
            Some([high, low]) => hex_digit(*high).zip(hex_digit(*low)),
            _ => None,
        };
        byte.is_some_and(|(high, low)| is_printable(&(high << 4 | low)))
    };
    next_stretch(digits.len() / 2, 0, 3 * TELLING_GROUPS, is_printable_pair).is_some()
}

fn hex_bytes(run: &[u8], phase: usize) -> impl Iterator<Item = u8> + '_ {
    let digits = run.get(phase..).unwrap_or_default();
    digits.chunks_exact(2).filter_map(|pair| match pair {
        [high, low] => Some(hex_digit(*high)? << 4 | hex_digit(*low)?),
        _ => None,
    })
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

fn group_bytes(group: &[u8]) -> Option<[u8; 3]> {
    let mut bits = 0_u32;
    for digit in group {
        bits = bits << 6 | u32::from(sextet(*digit)?);
    }
    let [_, first, second, third] = bits.to_be_bytes();
    Some([first, second, third])
}

/// Decodes digits; white space and whatever else stands between them is passed over.
fn decode(digits: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 3);
    let mut bits = 0_u32;
    let mut held = 0;
    for sextet in digits.iter().filter_map(|digit| sextet(*digit)) {
        bits = bits << 6 | u32::from(sextet);
        held += 6;
        if held >= 8 {
            held -= 8;
            let [.., byte] = (bits >> held).to_be_bytes();
            bytes.push(byte);
        }
    }
    bytes
}

fn sextet(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

fn is_digit(byte: u8) -> bool {
    DIGITS.get(usize::from(byte)).copied().unwrap_or_default()
}

fn is_printable(byte: &u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r')
}

/// Whether each byte is a digit of either alphabet.
#[expect(
    clippy::indexing_slicing,
    reason = "a byte indexes a table of 256, when compiling"
)]
const DIGITS: [bool; 256] = {
    let mut digits = [false; 256];
    let mut rest = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_".as_slice();
    while let [digit, others @ ..] = rest {
        digits[*digit as usize] = true;
        rest = others;
    }
    digits
};

/// The length of the shortest run that is looked at: `{"token":"abc"}` is as long.
pub(crate) const SHORTEST: usize = 20;

/// So many groups of three printable characters in a row tell text from random bytes.
const TELLING_GROUPS: usize = 4;

/// Text is wrapped at 64 or 76 digits a line, rarely at less than this.
const SHORTEST_LINE: usize = 40;

/// A line break and some indentation.
const WIDEST_GAP: usize = 16;

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};

    use super::{
        SHORTEST, decodings, hex_decodings, hides_text, is_digit, run_around, runs, unwrapped,
    };

    #[test]
    fn all_alphabets_and_places_decode() {
        let text = b"{\"password\":\"h\xc3\xbcnter?>2\"}";
        let prefixes = ["", "/", "ab", "/x/"];
        for encoded in [STANDARD.encode(text), URL_SAFE_NO_PAD.encode(text)] {
            for prefix in prefixes {
                let run = format!("{prefix}{encoded}");
                assert!(
                    decodings(run.as_bytes()).any(|bytes| bytes.ends_with(text)),
                    "{run}"
                );
            }
        }
        let hex: String = text.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(hex_decodings(hex.as_bytes()).any(|bytes| bytes == text));
        for glued in ["a", "x-", "Gg_"].map(|before| format!("{before}{hex}/x")) {
            assert!(hex_decodings(glued.as_bytes()).any(|bytes| bytes == text));
        }
    }

    #[test]
    fn wrapped_lines_are_one_run() {
        let encoded = STANDARD.encode([b'a'; 100]);
        let (first, rest) = encoded.split_at(76);
        let text = format!("x {first}\r\n  {rest} tail");
        let run = runs(text.as_bytes()).next().unwrap();
        let whole = unwrapped(text.as_bytes(), run);
        assert_eq!(&text[whole.clone()], format!("{first}\r\n  {rest}"));
        let decoded = decodings(text[whole].as_bytes()).next().unwrap();
        assert_eq!(decoded, [b'a'; 100]);
    }

    #[test]
    fn identifiers_and_digests_hide_no_text() {
        for run in [
            "550e8400-e29b-41d4-a716-446655440000",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "/usr/local/lib/python3/site-packages/yaml",
        ] {
            assert!(!hides_text(run.as_bytes()), "{run}");
        }
    }

    #[test]
    fn a_part_of_a_run_leads_to_the_whole() {
        assert_eq!(run_around(b"a: Zm9vYmFy== b", 5..7), 3..13);
    }

    proptest! {
        #[test]
        fn runs_are_all_the_maximal_ones(text in "[a-d/ .]{0,200}") {
            let bytes = text.as_bytes();
            let mut expected = Vec::new();
            let mut at = 0;
            for part in bytes.split(|byte| !is_digit(*byte)) {
                if part.len() >= SHORTEST {
                    expected.push(at..at + part.len());
                }
                at += part.len() + 1;
            }
            prop_assert_eq!(runs(bytes).collect::<Vec<_>>(), expected);
        }

        #[test]
        fn text_is_seen_among_other_bytes(
            before in prop::collection::vec(any::<u8>(), 0..40),
            text in "[ -~]{17,40}",
            after in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let bytes = [before, text.into_bytes(), after].concat();
            prop_assert!(hides_text(STANDARD.encode(bytes).as_bytes()));
        }
    }
}
