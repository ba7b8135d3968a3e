use std::fmt;

use super::{KeyId, PublicKey, SignError};

/// Something that signs: a key in memory, or one that never leaves its device.
pub trait Sign: fmt::Debug + Send + Sync {
    /// What the key is called. Must be [plain](KeyId::is_plain).
    fn key_id(&self) -> &KeyId;

    /// The public half, which verifies what [`sign`](Self::sign) makes.
    fn public_key(&self) -> PublicKey;

    /// Signs `message`: Ed25519 (RFC 8032), or ECDSA over P-256 and SHA-256 as r ‖ s.
    ///
    /// # Errors
    /// The key cannot be used now.
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError>;
}
