use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The key of the tokens that stand for secrets in `id`, `source` and object keys. One for each
/// installation: events from one correlate, events from two do not. Zeroized, silent in Debug.
///
/// Not the signing key. Whoever has it can check a guess against a token, so it is kept as
/// closely.
pub struct TokenKey(Zeroizing<[u8; 32]>);

impl TokenKey {
    /// A key of 32 random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// What stands for `secret`: `redacted-<rule>-` and ten base32 digits, in lower case, of its
    /// HMAC-SHA-256. Valid in a URI and as a token of a subject. `attempt` is 0, and more only
    /// where the token of the attempt before is taken already.
    pub(crate) fn token(&self, rule: &str, secret: &[u8], attempt: u8) -> String {
        let mut token = format!("redacted-{rule}-");
        // HMAC takes a key of any length, so there is no failure to tell of.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_slice()) else {
            return token;
        };
        mac.update(secret);
        if attempt > 0 {
            mac.update(&[0, attempt]);
        }
        let digest = mac.finalize().into_bytes();
        let bits = digest
            .iter()
            .take(8)
            .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        for digit in 0..10 {
            let value = (bits >> (59 - 5 * digit)) & 31;
            token.push(base32(value));
        }
        token
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey")
    }
}

/// A digit of RFC 4648 section 6, in lower case.
fn base32(value: u64) -> char {
    let value = u8::try_from(value).unwrap_or_default();
    char::from(match value {
        0..26 => b'a' + value,
        _ => b'2' + (value - 26) % 6,
    })
}

#[cfg(test)]
mod tests {
    use super::TokenKey;

    #[test]
    fn tokens_are_the_published_construction() {
        // printf hunter2 | openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf '07%.0s' {1..32})
        //     -binary | base32 | cut -c1-10 | tr A-Z a-z
        let key = TokenKey::new([7; 32]);
        assert_eq!(key.token("key", b"hunter2", 0), "redacted-key-gjxlj5tyhz");
    }

    #[test]
    fn another_key_secret_or_attempt_is_another_token() {
        let token =
            |key: u8, secret: &[u8], attempt| TokenKey::new([key; 32]).token("r", secret, attempt);
        let tokens = [
            token(1, b"a", 0),
            token(2, b"a", 0),
            token(1, b"b", 0),
            token(1, b"a", 1),
        ];
        for (index, one) in tokens.iter().enumerate() {
            assert!(!tokens[..index].contains(one));
        }
        assert_eq!(token(1, b"a", 0), token(1, b"a", 0));
    }

    #[test]
    fn debug_is_silent() {
        assert_eq!(format!("{:?}", TokenKey::new([65; 32])), "TokenKey");
    }
}
