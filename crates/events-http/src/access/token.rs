use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;

/// A bearer token (RFC 6750), kept as its SHA-256 digest only. Debug shows nothing of it.
///
/// Parsed from the token itself, or from `sha256:` and the digest in hexadecimal digits.
#[derive(Clone)]
pub struct Token([u8; 32]);

/// A text that cannot stand in an `Authorization` header as a token.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a bearer token must be printable ASCII without spaces, or sha256: and 64 hex digits")]
pub struct InvalidToken;

impl Token {
    /// Whether `digest` is that of the token, in a time that does not depend on where they differ.
    pub(super) fn has(&self, digest: &[u8; 32]) -> bool {
        self.0.ct_eq(digest).into()
    }
}

impl FromStr for Token {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidToken);
        }
        match text.strip_prefix(DIGEST) {
            Some(hex) => unhex(hex).map(Self).ok_or(InvalidToken),
            None => Ok(Self(digest(text.as_bytes()))),
        }
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.has(&other.0)
    }
}

impl Eq for Token {}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// What is kept of a token.
pub(super) fn digest(text: &[u8]) -> [u8; 32] {
    Sha256::digest(text).into()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

const DIGEST: &str = "sha256:";

#[cfg(test)]
mod tests {
    use super::{InvalidToken, Token, digest};

    #[test]
    fn only_the_very_same_text_matches() {
        let token: Token = "correct-horse".parse().unwrap();
        assert!(token.has(&digest(b"correct-horse")));
        for other in ["", "correct-hors", "correct-horse ", "Correct-horse"] {
            assert!(!token.has(&digest(other.as_bytes())), "{other:?}");
        }
    }

    #[test]
    fn a_digest_stands_for_its_token() {
        // The digest of "abc", from FIPS 180-2, appendix B.1.
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for text in [
            format!("sha256:{hex}"),
            format!("sha256:{}", hex.to_uppercase()),
        ] {
            assert!(text.parse::<Token>().unwrap() == "abc".parse().unwrap());
        }
        for text in [
            &format!("sha256:{}", &hex[1..]),
            &format!("sha256:{hex}0"),
            "sha256:",
            "sha256:+f",
        ] {
            assert_eq!(text.parse::<Token>().unwrap_err(), InvalidToken, "{text}");
        }
    }

    #[test]
    fn debug_shows_neither_the_token_nor_its_digest() {
        let token: Token = "correct-horse".parse().unwrap();
        assert_eq!(format!("{token:?}"), "Token(..)");
    }

    #[test]
    fn what_no_header_can_carry_is_no_token() {
        for text in ["", "a b", "a\n", "é", "a\t"] {
            assert_eq!(text.parse::<Token>().unwrap_err(), InvalidToken, "{text:?}");
        }
    }
}
