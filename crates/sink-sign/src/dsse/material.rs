use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use events_core::json::encode_string;
use events_core::{Event, Extension};
use serde::Deserialize;

use super::envelope::decode_base64;
use super::{Digest, DsseError, core_digest, extension_digest};
use crate::attribute;

/// The digests of one event, which are what is signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Material {
    /// The digest of core attributes and data.
    pub core: Digest,
    /// The signed extension attributes, where any are signed.
    pub extensions: Option<SignedExtensions>,
}

/// Which extension attributes are signed, and the digest of their values.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedExtensions {
    /// The digest of the values in the order of the names.
    pub digest: Digest,
    /// The names, in the order they are hashed.
    pub names: Vec<Box<str>>,
}

impl Material {
    /// The material of `event` with every extension attribute it has, in the order of their
    /// names, but those of its trace and the material itself.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        let names: Vec<Box<str>> = signed(event).map(|(name, _)| name.into()).collect();
        let extensions = (!names.is_empty()).then(|| SignedExtensions {
            digest: extension_digest(signed(event).map(|(_, value)| Some(value))),
            names,
        });
        Self {
            core: core_digest(event),
            extensions,
        }
    }

    /// The payload of an envelope: a JSON object without white space.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut out = String::with_capacity(PAYLOAD_LENGTH);
        let extensions = self.extensions.as_ref();
        let extensions = extensions.map(|signed| (signed.digest, self.names()));
        write(&self.core, extensions, &mut out);
        out
    }

    /// Reads the payload of an envelope. Unknown fields are ignored.
    ///
    /// # Errors
    /// The rule of the extension's text that it breaks (verification protocol, step 6).
    pub fn decode(payload: &[u8]) -> Result<Self, DsseError> {
        let form: Form = serde_json::from_slice(payload).map_err(|_| DsseError::Json)?;
        let extensions = match (form.ext, form.signedextattrs) {
            (None, None) => None,
            (Some(digest), Some(names)) => Some(SignedExtensions {
                digest: decode_digest(&digest)?,
                names: checked(names)?,
            }),
            _ => return Err(DsseError::Unpaired),
        };
        Ok(Self {
            core: decode_digest(&form.core)?,
            extensions,
        })
    }

    /// Whether the material lists the extension attribute `name`.
    #[must_use]
    pub fn signs(&self, name: &str) -> bool {
        self.names().any(|signed| signed == name)
    }

    /// The names of the signed extension attributes.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let extensions = self.extensions.iter();
        extensions.flat_map(|extensions| extensions.names.iter().map(AsRef::as_ref))
    }
}

/// Whether ours signs the extension attribute `name`: all but `traceparent` and `tracestate`,
/// which every hop may rewrite, and the material itself.
#[must_use]
pub fn is_signable(name: &str) -> bool {
    ![attribute::MATERIAL, "traceparent", "tracestate"].contains(&name)
}

/// Appends what [`Material::of`] the event encodes to, without copying a name.
pub(crate) fn write_of(event: &Event, out: &mut String) {
    let extensions = signed(event).next().map(|_| {
        let digest = extension_digest(signed(event).map(|(_, value)| Some(value)));
        (digest, signed(event).map(|(name, _)| name))
    });
    write(&core_digest(event), extensions, out);
}

/// The extension attributes that are signed, in the order of their names.
fn signed(event: &Event) -> impl Iterator<Item = (&str, &Extension)> {
    let all = event.extensions().iter();
    let all = all.map(|(name, value)| (name.as_str(), value));
    all.filter(|(name, _)| is_signable(name))
}

fn write<'a>(
    core: &Digest,
    extensions: Option<(Digest, impl Iterator<Item = &'a str>)>,
    out: &mut String,
) {
    out.push_str(r#"{"core":""#);
    STANDARD.encode_string(core, out);
    out.push('"');
    if let Some((digest, names)) = extensions {
        out.push_str(r#","ext":""#);
        STANDARD.encode_string(digest, out);
        out.push_str(r#"","signedextattrs":["#);
        for (index, name) in names.enumerate() {
            if index > 0 {
                out.push(',');
            }
            encode_string(name, out);
        }
        out.push(']');
    }
    out.push('}');
}

#[derive(Deserialize)]
struct Form {
    core: String,
    ext: Option<String>,
    signedextattrs: Option<Vec<Box<str>>>,
}

fn decode_digest(text: &str) -> Result<Digest, DsseError> {
    let bytes = decode_base64(text)?;
    bytes.try_into().map_err(|_| DsseError::DigestLength)
}

/// The constraints of the attribute's definition. A name no event can bear is no violation: it
/// counts as one that is not there.
fn checked(names: Vec<Box<str>>) -> Result<Vec<Box<str>>, DsseError> {
    let mut seen = HashSet::with_capacity(names.len());
    let allowed = |name: &str| name != attribute::MATERIAL && !CORE.contains(&name);
    if names.iter().all(|name| allowed(name) && seen.insert(name)) {
        Ok(names)
    } else {
        Err(DsseError::Names)
    }
}

/// The context attributes of the core specification.
const CORE: [&str; 8] = [
    "id",
    "source",
    "specversion",
    "type",
    "datacontenttype",
    "dataschema",
    "subject",
    "time",
];

/// Room for the payload of most events.
const PAYLOAD_LENGTH: usize = 256;

#[cfg(test)]
mod tests {
    use events_core::Event;

    use super::Material;
    use crate::dsse::DsseError;

    /// Case 8 of the published vectors, with digests that are well formed.
    fn case(fields: &str) -> Result<Material, DsseError> {
        let digest = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        let payload = format!(r#"{{"core":"{digest}"{}}}"#, fields.replace('#', digest));
        Material::decode(payload.as_bytes())
    }

    #[test]
    fn names_that_break_the_rules_are_refused() {
        let names = |list: &str| case(&format!(r##","ext":"#","signedextattrs":{list}"##));
        assert_eq!(names(r#"["exta","exta"]"#), Err(DsseError::Names));
        for core in super::CORE {
            assert_eq!(
                names(&format!(r#"["exta","{core}"]"#)),
                Err(DsseError::Names)
            );
        }
        assert_eq!(names(r#"["dssematerial"]"#), Err(DsseError::Names));
        assert_eq!(names(r#"["exta",1]"#), Err(DsseError::Json));
        assert!(names(r#"["exta","Absent_Name"]"#).is_ok());
    }

    #[test]
    fn digest_and_names_stand_together() {
        assert_eq!(
            case(r#","signedextattrs":["exta"]"#),
            Err(DsseError::Unpaired)
        );
        assert_eq!(case(r##","ext":"#""##), Err(DsseError::Unpaired));
    }

    #[test]
    fn digests_have_32_bytes_in_their_only_spelling() {
        let ext = |text: &str| case(&format!(r#","ext":"{text}","signedextattrs":[]"#));
        assert_eq!(ext("AAAA"), Err(DsseError::DigestLength));
        let trailing_bits = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=";
        assert_eq!(ext(trailing_bits), Err(DsseError::Base64));
    }

    #[test]
    fn unknown_fields_are_ignored_and_repeated_ones_are_not() {
        assert!(case(r#","more":{"core":1}"#).is_ok());
        assert_eq!(case(r##","core":"#""##), Err(DsseError::Json));
    }

    #[test]
    fn encoding_and_decoding_are_inverse() {
        let event = Event::builder("1", "/s", "t")
            .extension("b", "2")
            .boolean_extension("a", true)
            .extension("traceparent", "00-1-2-3");
        for event in [event.build().unwrap(), bare()] {
            let material = Material::of(&event);
            let mut written = String::new();
            super::write_of(&event, &mut written);
            assert_eq!(written, material.encode());
            assert_eq!(
                Material::decode(material.encode().as_bytes()),
                Ok(material.clone())
            );
        }
        assert_eq!(Material::of(&bare()).extensions, None);
    }

    fn bare() -> Event {
        Event::builder("1", "/s", "t").build().unwrap()
    }
}
