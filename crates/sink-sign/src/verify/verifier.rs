use std::collections::{BTreeMap, HashSet};

use events_core::{Event, Extension, ExtensionName};

use super::{Alteration, Mode, Position, Verdict};
use crate::dsse::{
    self, Envelope, Material, PAYLOAD_TYPE, Signature, core_digest, extension_digest, is_signable,
    pae,
};
use crate::{KeyId, PublicKeys, attribute};

/// Judges events by the keys one accepts. Pure, holds nothing of what it has seen.
#[derive(Clone, Debug)]
pub struct Verifier {
    keys: PublicKeys,
    mode: Mode,
}

/// An event reduced to what its signature covers.
#[derive(Clone, Debug)]
pub struct VerifiedEvent {
    /// The key that signed it.
    pub key_id: KeyId,
    /// The event with verified attributes and data alone.
    pub event: Event,
    /// The extension attributes it came with that nobody vouches for. Empty in the mode
    /// [`CoreOnly`](Mode::CoreOnly), which drops them.
    pub unverified: BTreeMap<ExtensionName, Extension>,
}

/// What is known of an event that passed.
#[derive(Clone, Debug)]
pub(crate) struct Examined {
    pub(crate) key_id: KeyId,
    pub(crate) material: Material,
    pub(crate) position: Option<Position>,
}

impl Verifier {
    /// A verifier that accepts `keys`.
    #[must_use]
    pub fn new(keys: PublicKeys, mode: Mode) -> Self {
        Self { keys, mode }
    }

    /// How much must be signed.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Judges one event (verifiability extension, verification protocol). For events of ours it
    /// checks as well that what they say of time, producer, tenant and number fits together.
    pub fn check(&self, event: &Event) -> Verdict {
        match self.examine(event) {
            Ok(Examined { key_id, .. }) => Verdict::Verified { key_id },
            Err(verdict) => verdict,
        }
    }

    /// Judges one event and reduces it to what is verified.
    ///
    /// # Errors
    /// The verdict, when it is another than verified.
    pub fn verified_event(&self, event: Event) -> Result<VerifiedEvent, Verdict> {
        let Examined {
            key_id, material, ..
        } = self.examine(&event)?;
        let signed: HashSet<&str> = match self.mode {
            Mode::Strict | Mode::Passthrough => material.names().collect(),
            Mode::CoreOnly => HashSet::new(),
        };
        let others: Vec<ExtensionName> = event
            .extensions()
            .keys()
            .filter(|name| !signed.contains(name.as_str()))
            .cloned()
            .collect();
        let mut event = event;
        let mut unverified = BTreeMap::new();
        for name in others {
            let value = event.remove_extension(name.as_str());
            let passes = self.mode != Mode::CoreOnly && name.as_str() != attribute::MATERIAL;
            if let Some(value) = value.filter(|_| passes) {
                unverified.insert(name, value);
            }
        }
        Ok(VerifiedEvent {
            key_id,
            event,
            unverified,
        })
    }

    pub(crate) fn examine(&self, event: &Event) -> Result<Examined, Verdict> {
        let malformed = || Verdict::Altered(Alteration::Material);
        let value = event
            .extension(attribute::MATERIAL)
            .ok_or(Verdict::Unsigned)?;
        let value = value.as_str().ok_or_else(malformed)?;
        let envelope = Envelope::from_attribute(value).map_err(|_| malformed())?;
        let material = Material::decode(&envelope.payload).map_err(|_| malformed())?;
        let key_id = self.key_of(&envelope, event)?;
        if material.core != core_digest(event) {
            return Err(Verdict::Altered(Alteration::Core));
        }
        let position = match self.mode {
            Mode::CoreOnly => None,
            Mode::Strict | Mode::Passthrough => self
                .check_extensions(event, &material)
                .and_then(|()| self.check_spelling(value, &envelope, &material))
                .and_then(|()| Position::of(event, &material, key_id.as_str()))
                .map_err(Verdict::Altered)?,
        };
        Ok(Examined {
            key_id,
            material,
            position,
        })
    }

    /// The accepted key that signed the envelope of `event`.
    pub(super) fn key_of(&self, envelope: &Envelope, event: &Event) -> Result<KeyId, Verdict> {
        let message = pae(PAYLOAD_TYPE, &envelope.payload);
        let mut verdict = Verdict::UnknownKey;
        for Signature { key_id, bytes } in &envelope.signatures {
            let Some((id, key, validity)) = self.keys.named(key_id) else {
                continue;
            };
            if !key.verifies(&message, bytes) {
                if verdict == Verdict::UnknownKey {
                    verdict = Verdict::Altered(Alteration::Signature);
                }
            } else if validity.covers(event.time()) {
                return Ok(id.clone());
            } else {
                verdict = Verdict::ExpiredKey { key_id: id.clone() };
            }
        }
        Err(verdict)
    }

    fn check_extensions(&self, event: &Event, material: &Material) -> Result<(), Alteration> {
        if let Some(signed) = &material.extensions {
            let values = signed.names.iter().map(|name| event.extension(name));
            if signed.digest != extension_digest(values) {
                return Err(Alteration::Extensions);
            }
        }
        if self.mode == Mode::Strict {
            let signed: HashSet<&str> = material.names().collect();
            let mut names = event.extensions().keys().map(ExtensionName::as_str);
            if names.any(|name| is_signable(name) && !signed.contains(name)) {
                return Err(Alteration::UnsignedExtension);
            }
        }
        let exact = event.extension(attribute::EXACT_TIME);
        let time = event.time().map(|time| time.as_str());
        if material.signs(attribute::EXACT_TIME) && exact.and_then(Extension::as_str) != time {
            return Err(Alteration::ExactTime);
        }
        Ok(())
    }

    /// Ours write the material in one way, so strictly any other is a change, even one that the
    /// signature does not cover: an unknown field, another alphabet, white space.
    fn check_spelling(
        &self,
        value: &str,
        envelope: &Envelope,
        material: &Material,
    ) -> Result<(), Alteration> {
        let is_ours = material.signs(attribute::EXACT_TIME) || material.signs(attribute::PRODUCER);
        if self.mode != Mode::Strict || !is_ours {
            return Ok(());
        }
        let as_ours = envelope
            .signatures
            .first()
            .map(|Signature { key_id, bytes }| dsse::encode(&envelope.payload, key_id, bytes));
        if as_ours.as_deref() == Some(value) {
            Ok(())
        } else {
            Err(Alteration::Material)
        }
    }
}
