use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use ed25519_dalek::Signer as _;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes};
use zeroize::Zeroizing;

use super::{KeyError, KeyId, PublicKey, Sign, SignError};

/// An Ed25519 private key in memory (RFC 8032). Wiped when dropped, never printed.
///
/// Parses from PKCS#8 PEM, as `openssl genpkey -algorithm ed25519` writes it, or from a 32-byte
/// seed in base64. Named by its RFC 7638 thumbprint unless [named](Self::with_id).
pub struct SigningKey {
    key: ed25519_dalek::SigningKey,
    id: KeyId,
    group_readable: bool,
}

impl SigningKey {
    /// A new key from the system's random bytes.
    ///
    /// # Errors
    /// The system gives none.
    pub fn generate() -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut_slice()).map_err(KeyError::Random)?;
        Ok(Self::from_seed(&seed))
    }

    /// The key of a 32-byte seed.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self::new(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// The same key under a name of one's own.
    ///
    /// # Errors
    /// The name is none a signing key can have, see [`KeyId::is_plain`].
    pub fn with_id(self, id: &str) -> Result<Self, KeyError> {
        let id: KeyId = id.parse().map_err(|_| KeyError::SigningId)?;
        if id.is_plain() {
            Ok(Self { id, ..self })
        } else {
            Err(KeyError::SigningId)
        }
    }

    /// Whether the file it was loaded from can be read by the file's group, as the mounts of
    /// Kubernetes can: worth a warning.
    #[must_use]
    pub fn is_group_readable(&self) -> bool {
        self.group_readable
    }

    /// The private key in PKCS#8 PEM, in the form that OpenSSL reads and writes.
    #[must_use]
    pub fn to_pem(&self) -> Zeroizing<String> {
        let keypair = KeypairBytes {
            secret_key: self.key.to_bytes(),
            // OpenSSL 3.0 does not read the later form that holds the public key as well.
            public_key: None,
        };
        // A seed of fixed length always has a DER form.
        keypair.to_pkcs8_pem(LineEnding::LF).unwrap_or_default()
    }

    pub(super) fn read_from_file(self, group_readable: bool) -> Self {
        Self {
            group_readable,
            ..self
        }
    }

    fn new(key: ed25519_dalek::SigningKey) -> Self {
        let id = PublicKey::from(&key.verifying_key()).thumbprint();
        Self {
            key,
            id,
            group_readable: false,
        }
    }
}

impl Sign for SigningKey {
    fn key_id(&self) -> &KeyId {
        &self.id
    }

    fn public_key(&self) -> PublicKey {
        PublicKey::from(&self.key.verifying_key())
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        Ok(self.key.sign(message).to_bytes())
    }
}

impl FromStr for SigningKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.starts_with("-----BEGIN") {
            let key = ed25519_dalek::SigningKey::from_pkcs8_pem(text);
            return key.map(Self::new).map_err(|_| KeyError::Private);
        }
        let seed = Zeroizing::new(SEED.decode(text).map_err(|_| KeyError::Private)?);
        let seed: &[u8; 32] = seed.as_slice().try_into().map_err(|_| KeyError::Private)?;
        Ok(Self::from_seed(seed))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.id)
    }
}

/// Base64 of the standard alphabet, padded or not.
const SEED: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[cfg(test)]
mod tests {
    use super::SigningKey;
    use crate::Sign as _;

    /// The seed of RFC 8032, section 7.1, test 2, and its key in the form OpenSSL writes.
    const SEED: &str = "TM0Imyj/ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U+4pvs=";
    const PEM: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n\
        -----END PRIVATE KEY-----\n";

    #[test]
    fn a_seed_and_its_pem_are_one_key_and_sign_as_published() {
        let key: SigningKey = SEED.parse().unwrap();
        assert_eq!(*key.to_pem(), PEM);
        let from_pem: SigningKey = PEM.parse().unwrap();
        assert_eq!(from_pem.key_id(), key.key_id());
        let signature = key.sign(&[0x72]).unwrap();
        assert_eq!(signature[..4], [0x92, 0xa0, 0x09, 0xa9]);
        assert!(key.public_key().verifies(&[0x72], &signature));
        assert!(!key.public_key().verifies(&[0x73], &signature));
    }

    #[test]
    fn surrounding_white_space_and_missing_padding_are_allowed() {
        assert!(format!("  {SEED}\n").parse::<SigningKey>().is_ok());
        assert!(SEED.trim_end_matches('=').parse::<SigningKey>().is_ok());
    }

    #[test]
    fn what_is_no_key_is_refused_without_quoting_it() {
        let short = "TM0Imyj/ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U+4pg==";
        let public = "-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n";
        for text in ["", short, "CANARY!", public] {
            let error = text.parse::<SigningKey>().unwrap_err();
            assert!(!format!("{error} {error:?}").contains("CANARY"));
        }
    }

    #[test]
    fn debug_shows_the_name_alone() {
        let key: SigningKey = SEED.parse().unwrap();
        assert_eq!(format!("{key:?}"), format!("SigningKey({})", key.key_id()));
    }

    #[test]
    fn names_of_signing_keys_are_plain() {
        let named = |id: &str| {
            let key: SigningKey = SEED.parse().unwrap();
            key.with_id(id).map(|key| key.key_id().as_str().to_owned())
        };
        assert_eq!(named("prod.eu-1_a").unwrap(), "prod.eu-1_a");
        let long = "x".repeat(65);
        for bad in ["", ".a", "a.", "a b", "a:b", "ä", &long] {
            assert!(named(bad).is_err(), "{bad}");
        }
    }
}
