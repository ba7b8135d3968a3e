use std::fmt;

use sha2::{Digest, Sha256};

use crate::TenantId;

/// The identity of an event for one tenant, safe to print and to send as `Nats-Msg-Id`.
///
/// The first 16 bytes of SHA-256 over tenant, 0x00, source, 0x00 and id, in lower-case
/// hexadecimal. The tenant is part of it, so that no tenant can occupy another's.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct MessageId([u8; 16]);

impl MessageId {
    /// The identity of the event that `tenant` calls `id` at `source`.
    #[must_use]
    pub fn new(tenant: &TenantId, source: &str, id: &str) -> Self {
        let mut hash = Sha256::new();
        for part in [tenant.as_str(), "\0", source, "\0", id] {
            hash.update(part);
        }
        let digest: [u8; 32] = hash.finalize().into();
        let (first, _) = digest.split_first_chunk().unwrap_or((&[0; 16], &[]));
        Self(*first)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Written in one piece, since every message bears it.
        let mut text = [0; 32];
        for (pair, byte) in text.as_chunks_mut().0.iter_mut().zip(self.0) {
            *pair = [digit(byte >> 4), digit(byte & 0xf)];
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

/// A number below 16 in hexadecimal.
fn digit(number: u8) -> u8 {
    match number {
        0..10 => b'0' + number,
        _ => b'a' + number - 10,
    }
}

#[cfg(test)]
mod tests {
    use super::MessageId;

    #[test]
    fn it_is_the_published_construction() {
        // printf 'acme\0/a\0001' | sha256sum | cut -c1-32
        let id = MessageId::new(&"acme".parse().unwrap(), "/a", "1");
        assert_eq!(id.to_string(), "3d3fbe906dbe1b52eae2fc3dc6891be5");
    }
}
