use std::ops::Range;

/// A text with its escapes resolved, and where each byte of it came from.
pub(crate) struct Unescaped {
    bytes: Vec<u8>,
    /// For each byte where its character or escape starts in the source.
    starts: Vec<usize>,
    source: usize,
}

/// Which escapes are resolved.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Escapes {
    /// Those of a JSON string (RFC 8259 section 7).
    Json,
    /// Those, and percent-encoding (RFC 3986 section 2.1), wherever they show.
    All,
}

impl Unescaped {
    pub(crate) fn new(text: &[u8], escapes: Escapes) -> Self {
        let mut view = Self {
            bytes: Vec::with_capacity(text.len()),
            starts: Vec::with_capacity(text.len()),
            source: text.len(),
        };
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let next = match escapes {
                Escapes::Json => memchr::memchr(b'\\', rest),
                Escapes::All => memchr::memchr2(b'\\', b'%', rest),
            };
            let (plain, escape) = rest.split_at(next.unwrap_or(rest.len()));
            view.bytes.extend_from_slice(plain);
            view.starts.extend(at..at + plain.len());
            at += plain.len();
            at += match escape {
                [] => 0,
                [b'%', digits @ ..] => 1 + view.percent(at, digits),
                [_, escaped @ ..] => 1 + view.backslash(at, escaped),
            };
        }
        view
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The part of the source that `range` of the bytes came from.
    pub(crate) fn source_of(&self, range: &Range<usize>) -> Range<usize> {
        let start_of = |at: usize| self.starts.get(at).copied().unwrap_or(self.source);
        start_of(range.start)..start_of(range.end)
    }

    /// `range` of the source, longer by what it has of escapes cut in two.
    pub(crate) fn whole_escapes(&self, range: Range<usize>) -> Range<usize> {
        let after = self.starts.partition_point(|start| *start <= range.start);
        let start = after.checked_sub(1).and_then(|at| self.starts.get(at));
        let end = self.starts.partition_point(|start| *start < range.end);
        let end = self.starts.get(end).copied().unwrap_or(self.source);
        start.copied().unwrap_or(range.start)..end
    }

    /// Resolves an escape whose backslash stands at `at`, or takes the backslash as it is.
    /// Returns how many bytes were used after it.
    fn backslash(&mut self, at: usize, rest: &[u8]) -> usize {
        let simple = match rest.first() {
            Some(byte @ (b'"' | b'\\' | b'/' | b'\'')) => *byte,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => return self.code_units(at, rest),
            _ => {
                self.push(at, b'\\');
                return 0;
            }
        };
        self.push(at, simple);
        1
    }

    fn code_units(&mut self, at: usize, rest: &[u8]) -> usize {
        let Some(high) = code_unit(rest) else {
            self.push(at, b'\\');
            return 0;
        };
        let low = rest.get(5..).and_then(|pair| match pair {
            [b'\\', low @ ..] => code_unit(low),
            _ => None,
        });
        let pair = low.map(|low| char::decode_utf16([high, low]).next());
        let (character, used) = match pair {
            Some(Some(Ok(character))) if u32::from(character) > 0xFFFF => (character, 11),
            _ => {
                let character = char::from_u32(u32::from(high));
                (character.unwrap_or(char::REPLACEMENT_CHARACTER), 5)
            }
        };
        for byte in character.encode_utf8(&mut [0; 4]).bytes() {
            self.push(at, byte);
        }
        used
    }

    fn percent(&mut self, at: usize, rest: &[u8]) -> usize {
        let byte = rest.get(..2).and_then(hex);
        match byte.and_then(|byte| u8::try_from(byte).ok()) {
            Some(byte) => {
                self.push(at, byte);
                2
            }
            None => {
                self.push(at, b'%');
                0
            }
        }
    }

    fn push(&mut self, at: usize, byte: u8) {
        self.bytes.push(byte);
        self.starts.push(at);
    }
}

/// Whether there is anything in `text` that [`Escapes::All`] resolves.
pub(crate) fn has_escapes(text: &[u8]) -> bool {
    memchr::memchr2_iter(b'\\', b'%', text).any(|at| {
        let rest = text.get(at..).unwrap_or_default();
        match rest {
            [b'%', escape @ ..] => escape.get(..2).and_then(hex).is_some(),
            // What cannot be resolved is no escape: a path may well go on in `\users`.
            [_, b'u', ..] => rest.get(1..).and_then(code_unit).is_some(),
            [_, next, ..] => matches!(
                next,
                b'"' | b'\\' | b'/' | b'\'' | b'b' | b'f' | b'n' | b'r' | b't'
            ),
            _ => false,
        }
    })
}

/// The code unit of `uXXXX`.
fn code_unit(escape: &[u8]) -> Option<u16> {
    match escape {
        [b'u', digits @ ..] => hex(digits.get(..4)?),
        _ => None,
    }
}

fn hex(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0_u16, |value, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(value << 4 | u16::try_from(digit).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use events_core::json::{decode_string, encode_string};
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::{Escapes, Unescaped, has_escapes};

    fn all(text: &str) -> String {
        let view = Unescaped::new(text.as_bytes(), Escapes::All);
        String::from_utf8_lossy(view.bytes()).into_owned()
    }

    #[test]
    fn escapes_are_resolved_wherever_they_show() {
        assert_eq!(all(r"a\u0067b%41%zz\x%"), r"agbA%zz\x%");
        assert_eq!(all(r"\ud83d\ude00\ud800\u0041"), "😀\u{fffd}A");
        assert!(!has_escapes(br"a\x 100% \"));
        assert!(
            has_escapes(br"\u0041")
                && !has_escapes(br"\users")
                && has_escapes(b"%2f")
                && has_escapes(br#"\""#)
        );
    }

    #[test]
    fn places_lead_back_to_whole_escapes() {
        let text = r"ab\u0067%68\n";
        let view = Unescaped::new(text.as_bytes(), Escapes::All);
        assert_eq!(view.bytes(), b"abgh\n");
        assert_eq!(&text[view.source_of(&(2..4))], r"\u0067%68");
        assert_eq!(&text[view.source_of(&(0..5))], text);
        assert_eq!(&text[view.whole_escapes(4..10)], r"\u0067%68");
        assert_eq!(view.whole_escapes(0..2), 0..2);
    }

    proptest! {
        #[test]
        fn json_strings_are_read_as_the_lexer_reads_them(value in any::<String>()) {
            let mut encoded = String::new();
            encode_string(&value, &mut encoded);
            let inner = &encoded[1..encoded.len() - 1];
            let view = Unescaped::new(inner.as_bytes(), Escapes::Json);
            let decoded = decode_string(&encoded);
            prop_assert_eq!(view.bytes(), decoded.as_bytes());
        }
    }
}
