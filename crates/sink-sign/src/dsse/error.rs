use thiserror::Error;

/// Why verification material is not what the extension's text asks for. Never quotes it.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum DsseError {
    /// The envelope or its payload is no JSON object with the fields it must have.
    #[error("read verification material: not the JSON it must be")]
    Json,
    /// A value is not base64 (RFC 4648), or not its only spelling.
    #[error("read verification material: malformed base64")]
    Base64,
    /// The payload's type is another than the extension's version 0.1.
    #[error("read verification material: unknown payload type")]
    PayloadType,
    /// No signature is there, or more than sixteen.
    #[error("read verification material: no signature, or too many")]
    Signatures,
    /// A digest has not 32 bytes.
    #[error("read verification material: a digest not 32 bytes long")]
    DigestLength,
    /// Only one of `ext` and `signedextattrs` is there.
    #[error("read verification material: only one of ext and signedextattrs")]
    Unpaired,
    /// `signedextattrs` repeats a name, or names a core attribute or the material itself.
    #[error("read verification material: names that must not be listed")]
    Names,
}
