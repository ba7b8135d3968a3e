use std::borrow::Cow;

use memchr::memchr2;

use super::{JsonError, JsonProblem};

/// The value of a string token: what stands between its quotes, with escapes resolved.
///
/// `raw` is the token's text, quotes included, as a [`Lexer`](super::Lexer) returned it. A text
/// that is no such token yields what can be made of it.
#[must_use]
pub fn decode_string(raw: &str) -> Cow<'_, str> {
    let inner = raw.strip_prefix('"').unwrap_or(raw);
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut value = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((plain, escape)) = rest.split_once('\\') {
        value.push_str(plain);
        let (character, used) = unescape(escape).unwrap_or((char::REPLACEMENT_CHARACTER, 0));
        value.push(character);
        rest = escape.get(used..).unwrap_or_default();
    }
    value.push_str(rest);
    Cow::Owned(value)
}

/// Somewhere to write text: a string, or a length that only counts.
pub trait Text {
    /// Appends `text`.
    fn push_str(&mut self, text: &str);
}

impl Text for String {
    fn push_str(&mut self, text: &str) {
        self.push_str(text);
    }
}

impl Text for usize {
    fn push_str(&mut self, text: &str) {
        *self += text.len();
    }
}

/// Appends `value` to `out` as a JSON string, quotes included, with the fewest escapes.
pub fn encode_string(value: &str, out: &mut impl Text) {
    out.push_str("\"");
    let mut rest = value;
    if !has_escapes(value) {
        out.push_str(value);
        rest = "";
    }
    while let Some(at) = rest.bytes().position(needs_escape) {
        let (plain, tail) = rest.split_at(at);
        out.push_str(plain);
        match tail.bytes().next().unwrap_or_default() {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            other => out.push_str(&format!("\\u{other:04x}")),
        }
        rest = tail.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
    out.push_str("\"");
}

/// Where the string that opens at `start` ends, past its closing quote.
pub(super) fn end_of_string(text: &str, start: usize) -> Result<usize, JsonError> {
    let bytes = text.as_bytes();
    let mut at = start + 1;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let stop = memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
        let plain = rest.get(..stop).unwrap_or_default();
        if let Some(control) = plain.iter().position(|byte| *byte < 0x20) {
            return Err(JsonError::new(JsonProblem::Control, at + control));
        }
        at += stop;
        match bytes.get(at) {
            None => return Err(JsonError::new(JsonProblem::Truncated, at)),
            Some(b'"') => return Ok(at + 1),
            Some(_) => {
                let escape = text.get(at + 1..).unwrap_or_default();
                let (_, used) = unescape(escape).map_err(|problem| JsonError::new(problem, at))?;
                at += 1 + used;
            }
        }
    }
}

/// The character an escape stands for, and how many bytes it takes after the backslash.
fn unescape(escape: &str) -> Result<(char, usize), JsonProblem> {
    let simple = match escape.bytes().next() {
        None => return Err(JsonProblem::Truncated),
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unescape_unicode(escape),
        Some(_) => return Err(JsonProblem::Escape),
    };
    Ok((simple, 1))
}

fn unescape_unicode(escape: &str) -> Result<(char, usize), JsonProblem> {
    let unit = code_unit(escape)?;
    if !(0xD800..0xE000).contains(&unit) {
        return char::from_u32(unit)
            .map(|character| (character, 5))
            .ok_or(JsonProblem::Escape);
    }
    let pair = escape.get(5..).and_then(|rest| rest.strip_prefix('\\'));
    let low = pair
        .filter(|rest| rest.starts_with('u'))
        .ok_or(JsonProblem::Surrogate)?;
    let low = code_unit(low)?;
    if unit >= 0xDC00 || !(0xDC00..0xE000).contains(&low) {
        return Err(JsonProblem::Surrogate);
    }
    let scalar = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    char::from_u32(scalar)
        .map(|character| (character, 11))
        .ok_or(JsonProblem::Surrogate)
}

/// The four hexadecimal digits after the `u` that `escape` starts with.
fn code_unit(escape: &str) -> Result<u32, JsonProblem> {
    let Some(digits) = escape.get(1..5) else {
        return Err(if escape.len() < 5 {
            JsonProblem::Truncated
        } else {
            JsonProblem::Escape
        });
    };
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(JsonProblem::Escape);
    }
    u32::from_str_radix(digits, 16).map_err(|_| JsonProblem::Escape)
}

/// Looks at every byte, without a branch, since most texts have none: many at once.
fn has_escapes(text: &str) -> bool {
    text.bytes()
        .fold(false, |found, byte| found | needs_escape(byte))
}

const fn needs_escape(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{decode_string, encode_string};

    proptest! {
        #[test]
        fn encoding_and_decoding_are_inverse_and_agree_with_serde(value in any::<String>()) {
            let mut text = String::new();
            encode_string(&value, &mut text);
            assert_eq!(decode_string(&text), value);
            assert_eq!(serde_json::from_str::<String>(&text).unwrap(), value);
        }
    }

    #[test]
    fn every_escape_is_resolved() {
        let raw = r#""\"\\\/\b\f\n\r\tA\u00e9\ud83d\udE00""#;
        assert_eq!(decode_string(raw), "\"\\/\u{8}\u{c}\n\r\tAé😀");
    }
}
