use std::fmt::Write as _;

/// Decodes a header value: unquotes it where it is quoted, then undoes percent-encoding once
/// (CloudEvents HTTP binding, section 3.1.3.2). A `%` that starts no escape stands for itself,
/// since many senders do not encode. `None` where the result is not UTF-8.
pub(super) fn decode(value: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let unquoted = unquote(value);
    let mut rest = unquoted.as_slice();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, after @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high << 4 | low);
                    rest = after;
                }
                _ => bytes.push(b'%'),
            },
            _ => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).ok()
}

/// Encodes a header value: space, `"`, `%` and all outside U+0021 to U+007E.
pub(super) fn encode(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'"' | b'%' => write_escape(&mut encoded, byte),
            0x21..=0x7e => encoded.push(char::from(byte)),
            _ => write_escape(&mut encoded, byte),
        }
    }
    encoded
}

fn write_escape(out: &mut String, byte: u8) {
    // Writing to a String cannot fail.
    let _infallible = write!(out, "%{byte:02X}");
}

fn unquote(value: &[u8]) -> Vec<u8> {
    let Some(inner) = value
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""))
    else {
        return value.to_vec();
    };
    let mut escaped = false;
    let mut out = Vec::with_capacity(inner.len());
    for byte in inner {
        if *byte == b'\\' && !escaped {
            escaped = true;
        } else {
            escaped = false;
            out.push(*byte);
        }
    }
    out
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{decode, encode};

    #[test]
    fn values_of_the_binding_are_decoded() {
        assert_eq!(
            decode(b"Euro%20%E2%82%AC%20%F0%9F%98%80").unwrap(),
            "Euro € 😀"
        );
        assert_eq!(decode(b"\"a \\\"b\\\" %41\"").unwrap(), "a \"b\" A");
        assert_eq!(decode(b"100% of %zz %").unwrap(), "100% of %zz %");
        assert_eq!(decode(b"%ff"), None);
    }

    proptest! {
        #[test]
        fn encoding_is_printable_and_decodes_to_the_same(value in any::<String>()) {
            let encoded = encode(&value);
            assert!(encoded.bytes().all(|byte| (0x21..=0x7e).contains(&byte) && byte != b'"'));
            assert_eq!(decode(encoded.as_bytes()).unwrap(), value);
        }
    }
}
