use std::collections::BTreeMap;

use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// One way a secret can be written.
pub(crate) struct Form {
    pub(crate) text: Zeroizing<Vec<u8>>,
    pub(crate) shape: Shape,
}

/// What is replaced where a form is found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Shape {
    /// The form itself.
    Plain,
    /// The run of digits it stands in, whose first and last may hold bits of the secret too.
    Encoded,
}

/// All the ways in which `secret` is looked for.
pub(crate) fn forms(secret: &[u8]) -> Vec<Form> {
    let mut texts = BTreeMap::new();
    for shift in 0..3 {
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            texts.insert(shifted(secret, shift, &engine), Shape::Encoded);
        }
    }
    let lower: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    texts.insert(lower.to_ascii_uppercase().into_bytes(), Shape::Encoded);
    texts.insert(lower.into_bytes(), Shape::Encoded);
    for escape in [json, json_with_slashes, percent_upper, percent_lower] {
        texts.insert(escape(secret), Shape::Plain);
    }
    texts.insert(secret.to_vec(), Shape::Plain);
    let forms = texts.into_iter().map(|(text, shape)| Form {
        text: Zeroizing::new(text),
        shape,
    });
    forms.collect()
}

/// The digits that `secret` alone decides where it stands `shift` bytes after a multiple of 3.
fn shifted(secret: &[u8], shift: usize, engine: &impl base64::Engine) -> Vec<u8> {
    let mut bytes = vec![0; shift];
    bytes.extend_from_slice(secret);
    let digits = engine.encode(&bytes);
    let first = (shift * 8).div_ceil(6);
    let last = bytes.len() * 8 / 6;
    digits
        .as_bytes()
        .get(first..last)
        .unwrap_or_default()
        .to_vec()
}

fn json(secret: &[u8]) -> Vec<u8> {
    escaped(secret, |byte| match byte {
        b'"' | b'\\' => Some(format!("\\{}", char::from(byte))),
        b'\n' => Some("\\n".to_owned()),
        b'\r' => Some("\\r".to_owned()),
        b'\t' => Some("\\t".to_owned()),
        _ => None,
    })
}

/// As some encoders write it, for the sake of HTML.
fn json_with_slashes(secret: &[u8]) -> Vec<u8> {
    escaped(&json(secret), |byte| {
        (byte == b'/').then(|| "\\/".to_owned())
    })
}

fn percent_upper(secret: &[u8]) -> Vec<u8> {
    escaped(secret, |byte| {
        is_reserved(byte).then(|| format!("%{byte:02X}"))
    })
}

fn percent_lower(secret: &[u8]) -> Vec<u8> {
    escaped(secret, |byte| {
        is_reserved(byte).then(|| format!("%{byte:02x}"))
    })
}

/// Whether a byte is outside the unreserved characters of RFC 3986 section 2.3.
fn is_reserved(byte: u8) -> bool {
    !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'))
}

fn escaped(secret: &[u8], escape: impl Fn(u8) -> Option<String>) -> Vec<u8> {
    let mut out = Vec::with_capacity(secret.len() * 3);
    for byte in secret {
        match escape(*byte) {
            Some(escape) => out.extend_from_slice(escape.as_bytes()),
            None => out.push(*byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use proptest::prelude::{any, prop, prop_assert, proptest};

    use super::forms;

    fn shows(secret: &[u8], text: &str) -> bool {
        forms(secret).iter().any(|form| {
            let mut windows = text.as_bytes().windows(form.text.len());
            windows.any(|window| window == form.text.as_slice())
        })
    }

    proptest! {
        #[test]
        fn a_secret_shows_in_base64_wherever_it_stands(
            before in prop::collection::vec(any::<u8>(), 0..5),
            secret in prop::collection::vec(any::<u8>(), 6..20),
            after in prop::collection::vec(any::<u8>(), 0..5),
        ) {
            let bytes = [before, secret.clone(), after].concat();
            prop_assert!(shows(&secret, &STANDARD.encode(&bytes)));
            prop_assert!(shows(&secret, &URL_SAFE.encode(&bytes)));
        }

        #[test]
        fn a_secret_shows_in_json(secret in "[ -~\n\t]{6,20}") {
            prop_assert!(shows(secret.as_bytes(), &serde_json::to_string(&secret).unwrap()));
        }
    }

    #[test]
    fn a_secret_shows_in_hexadecimal_and_percent_escapes() {
        for text in [
            "61622f64656b",
            "61622F64656B",
            "ab%2Fdek",
            "ab%2fdek",
            "ab\\/dek",
        ] {
            assert!(shows(b"ab/dek", text), "{text}");
        }
    }
}
