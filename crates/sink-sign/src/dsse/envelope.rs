use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde::Deserialize;

use super::{DsseError, PAYLOAD_TYPE};

/// A DSSE envelope (DSSE v1.0.2, JSON envelope) of the extension's payload type, decoded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Envelope {
    /// The payload, which is the body of the signed bytes.
    pub payload: Vec<u8>,
    /// The signatures over it, at least one.
    pub signatures: Vec<Signature>,
}

/// One signature and the name of the key that made it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Signature {
    /// What the signer calls the key. Unauthenticated: it says which key to try.
    pub key_id: String,
    /// The signature as the key's algorithm writes it.
    pub bytes: Vec<u8>,
}

impl Envelope {
    /// Reads the JSON text of an envelope. Unknown fields are ignored; base64 may be of the
    /// standard or the URL-safe alphabet, padded, as DSSE allows.
    ///
    /// # Errors
    /// What about it the extension's text does not allow (verification protocol, steps 3 to 6).
    pub fn decode(text: &[u8]) -> Result<Self, DsseError> {
        let form: Form = serde_json::from_slice(text).map_err(|_| DsseError::Json)?;
        if form.payload_type != PAYLOAD_TYPE {
            return Err(DsseError::PayloadType);
        }
        if !(1..=MOST_SIGNATURES).contains(&form.signatures.len()) {
            return Err(DsseError::Signatures);
        }
        let signatures = form.signatures.into_iter().map(|signature| {
            Ok(Signature {
                bytes: decode_base64(&signature.sig)?,
                key_id: signature.keyid,
            })
        });
        Ok(Self {
            payload: decode_base64(&form.payload)?,
            signatures: signatures.collect::<Result<_, _>>()?,
        })
    }

    /// Reads the attribute `dssematerial`: the envelope's text in base64, the canonical string of
    /// the CloudEvents type Binary.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    pub fn from_attribute(value: &str) -> Result<Self, DsseError> {
        let text = STANDARD.decode(value).map_err(|_| DsseError::Base64)?;
        Self::decode(&text)
    }
}

/// The attribute `dssematerial` with one signature, in the one spelling that ours have.
pub(crate) fn encode(payload: &[u8], key_id: &str, signature: &[u8]) -> String {
    let mut text = String::new();
    write(payload, key_id, signature, &mut text);
    STANDARD.encode(text)
}

/// Appends the text of an envelope with one signature, in the one spelling that ours have: standard
/// base64, no white space, type and payload and signatures in this order.
pub(crate) fn write(payload: &[u8], key_id: &str, signature: &[u8], out: &mut String) {
    out.push_str(r#"{"payloadType":""#);
    out.push_str(PAYLOAD_TYPE);
    out.push_str(r#"","payload":""#);
    STANDARD.encode_string(payload, out);
    out.push_str(r#"","signatures":[{"keyid":""#);
    // A key id has no character that JSON escapes.
    out.push_str(key_id);
    out.push_str(r#"","sig":""#);
    STANDARD.encode_string(signature, out);
    out.push_str(r#""}]}"#);
}

pub(super) fn decode_base64(text: &str) -> Result<Vec<u8>, DsseError> {
    let decoded = STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text));
    decoded.map_err(|_| DsseError::Base64)
}

#[derive(Deserialize)]
struct Form {
    #[serde(rename = "payloadType")]
    payload_type: String,
    payload: String,
    signatures: Vec<SignatureForm>,
}

#[derive(Deserialize)]
struct SignatureForm {
    keyid: String,
    sig: String,
}

/// More than any event needs, and few enough that a hostile one costs little.
const MOST_SIGNATURES: usize = 16;

#[cfg(test)]
mod tests {
    use super::{Envelope, encode};
    use crate::dsse::DsseError;

    fn decode(signatures: &str) -> Result<Envelope, DsseError> {
        let kind = super::PAYLOAD_TYPE;
        let text = format!(
            r#"{{"payload":"e30=","payloadType":"{kind}","x":1,"signatures":{signatures}}}"#
        );
        Envelope::decode(text.as_bytes())
    }

    #[test]
    fn what_is_encoded_decodes() {
        let envelope = Envelope::from_attribute(&encode(b"{}", "k-1", &[7; 64])).unwrap();
        assert_eq!(envelope.payload, b"{}");
        assert_eq!(envelope.signatures.len(), 1);
        assert_eq!(envelope.signatures[0].key_id, "k-1");
        assert_eq!(envelope.signatures[0].bytes, [7; 64]);
    }

    #[test]
    fn unknown_fields_and_the_url_safe_alphabet_are_read() {
        let two = decode(r#"[{"keyid":"a","sig":"_-8=","cert":"x"},{"keyid":"b","sig":"/+8="}]"#)
            .unwrap();
        assert_eq!(two.signatures[0].bytes, two.signatures[1].bytes);
    }

    #[test]
    fn what_the_text_does_not_allow_is_refused() {
        assert_eq!(decode("[]"), Err(DsseError::Signatures));
        let many = vec![r#"{"keyid":"a","sig":""}"#; 17].join(",");
        assert_eq!(decode(&format!("[{many}]")), Err(DsseError::Signatures));
        assert_eq!(decode(r#"[{"sig":"AA=="}]"#), Err(DsseError::Json));
        assert_eq!(decode(r#"[{"keyid":"a"}]"#), Err(DsseError::Json));
        for spelling in ["AA", "AB==", "A A==", "_/8=", "====", "AA==\\n"] {
            let text = format!(r#"[{{"keyid":"a","sig":"{spelling}"}}]"#);
            assert_eq!(decode(&text), Err(DsseError::Base64), "{spelling}");
        }
        let other = br#"{"payload":"","payloadType":"v0.2","signatures":[{"keyid":"a","sig":""}]}"#;
        assert_eq!(Envelope::decode(other), Err(DsseError::PayloadType));
        assert_eq!(Envelope::decode(b"\xff"), Err(DsseError::Json));
        assert_eq!(Envelope::from_attribute("e30"), Err(DsseError::Base64));
    }
}
