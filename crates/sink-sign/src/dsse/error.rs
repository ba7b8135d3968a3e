use thiserror::Error;

/// Why verification material is not what the extension's text asks for. Never quotes it.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum DsseError {
    /// The envelope or its payload is no JSON object with the fields it must have.
    #[error("the verification material is not the JSON it must be")]
    Json,
    /// A value is not base64 (RFC 4648), or not its only spelling.
    #[error("the verification material holds malformed base64")]
    Base64,
    /// The payload's type is another than the extension's version 0.1.
    #[error("the verification material is of an unknown type")]
    PayloadType,
    /// No signature is there.
    #[error("the verification material bears no signature")]
    NoSignature,
    /// A digest has not 32 bytes.
    #[error("a digest is not 32 bytes long")]
    DigestLength,
    /// Only one of `ext` and `signedextattrs` is there.
    #[error("ext and signedextattrs do not stand together")]
    Unpaired,
    /// `signedextattrs` repeats a name, or names a core attribute or the material itself.
    #[error("signedextattrs breaks the rules for its names")]
    Names,
}
