use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use p256::ecdsa::signature::Verifier as _;
use sha2::{Digest as _, Sha256};

use super::{KeyError, KeyId};

/// A public key: Ed25519, which ours are, or ECDSA over P-256, which the verifiability extension's
/// own test vectors use.
#[derive(Clone, Eq, PartialEq)]
pub struct PublicKey(Kind);

#[derive(Clone, Eq, PartialEq)]
enum Kind {
    Ed25519(ed25519_dalek::VerifyingKey),
    P256(p256::ecdsa::VerifyingKey),
}

impl PublicKey {
    /// An Ed25519 key from its 32 bytes (RFC 8032).
    ///
    /// # Errors
    /// The bytes are no point of the curve.
    pub fn ed25519(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::Point)?;
        Ok(Self(Kind::Ed25519(key)))
    }

    /// A P-256 key from its coordinates, big-endian.
    ///
    /// # Errors
    /// They are no point of the curve.
    pub fn p256(x: &[u8; 32], y: &[u8; 32]) -> Result<Self, KeyError> {
        let point = [[UNCOMPRESSED].as_slice(), x, y].concat();
        let key =
            p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).map_err(|_| KeyError::Point)?;
        Ok(Self(Kind::P256(key)))
    }

    /// Whether `signature` is this key's over `message`.
    ///
    /// Ed25519 strictly: no small-order key, no second spelling of a signature. P-256 with
    /// SHA-256 over r ‖ s.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.0 {
            Kind::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            Kind::P256(key) => p256::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
        }
    }

    /// The key's fingerprint as a name (RFC 7638): SHA-256 of its required JWK members, base64url.
    #[must_use]
    pub fn thumbprint(&self) -> KeyId {
        let members = match self.coordinates() {
            Coordinates::Ed25519(x) => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#),
            Coordinates::P256(x, y) => {
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
        };
        let name = URL_SAFE_NO_PAD.encode(Sha256::digest(members));
        KeyId(name.into())
    }

    /// The key as `SubjectPublicKeyInfo` in PEM (RFC 5480, RFC 8410), which OpenSSL reads.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let der = match &self.0 {
            Kind::Ed25519(key) => [ED25519_SPKI, key.as_bytes()].concat(),
            Kind::P256(key) => [P256_SPKI, &key.to_sec1_bytes()].concat(),
        };
        let text = STANDARD.encode(der);
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(64));
            pem.push_str(line);
            pem.push('\n');
            rest = after;
        }
        pem.push_str("-----END PUBLIC KEY-----\n");
        pem
    }

    pub(super) fn coordinates(&self) -> Coordinates {
        match &self.0 {
            Kind::Ed25519(key) => Coordinates::Ed25519(URL_SAFE_NO_PAD.encode(key.as_bytes())),
            Kind::P256(key) => {
                let point = key.to_sec1_bytes();
                let (x, y) = point.get(1..).unwrap_or_default().split_at(32);
                Coordinates::P256(URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y))
            }
        }
    }
}

/// What identifies a key in a JWK, in base64url.
pub(super) enum Coordinates {
    Ed25519(String),
    P256(String, String),
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.thumbprint())
    }
}

impl From<&ed25519_dalek::VerifyingKey> for PublicKey {
    fn from(key: &ed25519_dalek::VerifyingKey) -> Self {
        Self(Kind::Ed25519(*key))
    }
}

/// The SEC 1 tag of a point with both coordinates.
const UNCOMPRESSED: u8 = 4;

/// What stands before the key's bytes in DER: algorithm and lengths.
const ED25519_SPKI: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
const P256_SPKI: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::PublicKey;

    /// The key of RFC 8037, appendix A.
    fn published() -> PublicKey {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let bytes = URL_SAFE_NO_PAD.decode(x).unwrap();
        PublicKey::ed25519(&bytes.try_into().unwrap()).unwrap()
    }

    #[test]
    fn the_thumbprint_is_the_published_one() {
        let expected = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
        assert_eq!(published().thumbprint().as_str(), expected);
    }

    #[test]
    fn a_key_of_small_order_verifies_nothing() {
        // The identity point: with a lax check, R = identity and S = 0 verify any message.
        let mut identity = [0; 32];
        identity[0] = 1;
        let mut signature = [0; 64];
        signature[0] = 1;
        let key = PublicKey::ed25519(&identity).unwrap();
        assert!(!key.verifies(b"anything", &signature));
    }

    #[test]
    fn points_off_the_curve_are_refused() {
        assert!(PublicKey::p256(&[0; 32], &[1; 32]).is_err());
        assert!(PublicKey::ed25519(&[2; 32]).is_err());
    }
}
