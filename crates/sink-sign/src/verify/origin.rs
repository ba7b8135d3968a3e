use events_core::{Event, is_ours};

use super::Verifier;
use crate::KeyId;
use crate::attribute;
use crate::dsse::{Digest, Envelope, Material, core_digest, core_digest_at, extension_digest};

/// Whether the signature that an event arrived with still holds, beneath ours.
///
/// It was made before redaction, so one that is broken says only that something changed since;
/// our own signature says that we vouch for the change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Origin {
    /// The event is still what its origin signed, our own attributes aside.
    Holds {
        /// The key that signed it there.
        key_id: KeyId,
    },
    /// It is not, or the material is malformed, or the key's signatures no longer counted.
    Broken,
    /// None of the keys that its signatures name is accepted.
    UnknownKey,
}

impl Verifier {
    /// Judges the signature that `event` arrived with, `None` where it arrived with none.
    ///
    /// Meaningful for an event that is verified itself.
    #[must_use]
    pub fn origin(&self, event: &Event) -> Option<Origin> {
        let value = event.extension(attribute::ORIGIN_MATERIAL)?;
        let judged = || {
            let envelope = Envelope::from_attribute(value.as_str()?).ok()?;
            let material = Material::decode(&envelope.payload).ok()?;
            match self.key_of(&envelope, event) {
                Ok(key_id) => matches(event, &material).then_some(Origin::Holds { key_id }),
                Err(super::Verdict::UnknownKey) => Some(Origin::UnknownKey),
                Err(_) => None,
            }
        };
        Some(judged().unwrap_or(Origin::Broken))
    }
}

/// Whether the event, as it arrived, has the digests of `material`. Sealing gave it a time and a
/// tenant if it had none, so either may have been absent.
fn matches(event: &Event, material: &Material) -> bool {
    let core = material.core == core_digest(event) || material.core == core_digest_at(event, None);
    let extensions = material.extensions.as_ref().is_none_or(|signed| {
        let with = |tenant| arrived(event, &signed.names, tenant);
        signed.digest == with(Tenant::Brought) || signed.digest == with(Tenant::Given)
    });
    core && extensions
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Tenant {
    Brought,
    Given,
}

fn arrived(event: &Event, names: &[Box<str>], tenant: Tenant) -> Digest {
    let value = |name: &str| match name {
        attribute::SEQUENCE => event.extension(attribute::ORIGIN_SEQUENCE),
        attribute::TENANT if tenant == Tenant::Given => None,
        // A receipt signed before its event was numbered has an exact time of its own.
        name if is_ours(name) && name != attribute::EXACT_TIME => None,
        name => event.extension(name),
    };
    extension_digest(names.iter().map(|name| value(name)))
}
