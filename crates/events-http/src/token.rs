use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;

/// A bearer token (RFC 6750), kept as its SHA-256 digest only. Debug shows nothing of it.
#[derive(Clone)]
pub struct Token([u8; 32]);

/// A text that cannot stand in an `Authorization` header as a token.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a bearer token must be printable ASCII without spaces, and not empty")]
pub struct InvalidToken;

impl Token {
    /// Whether `shown` is the token, in a time that does not depend on where they differ.
    pub(crate) fn matches(&self, shown: &[u8]) -> bool {
        self.0.ct_eq(&digest(shown)).into()
    }
}

impl FromStr for Token {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidToken);
        }
        Ok(Self(digest(text.as_bytes())))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

fn digest(text: &[u8]) -> [u8; 32] {
    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests {
    use super::{InvalidToken, Token};

    #[test]
    fn only_the_very_same_text_matches() {
        let token: Token = "correct-horse".parse().unwrap();
        assert!(token.matches(b"correct-horse"));
        for other in ["", "correct-hors", "correct-horse ", "Correct-horse"] {
            assert!(!token.matches(other.as_bytes()), "{other:?}");
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
