//! The CloudEvents *verifiability* extension: a DSSE envelope over digests of one event.
//!
//! Pure parts, in the order they are used: [`Material`] holds the digests of an event, [`pae`]
//! makes of its encoding the bytes that are signed, and an [`Envelope`] carries both with the
//! signature, as the attribute `dssematerial`. Nothing here knows keys, chains or sinks.

mod digest;
mod envelope;
mod error;
mod material;
mod pae;
mod writer;

pub(crate) use digest::core_digest_at;
pub use digest::{Digest, core_digest, extension_digest};
pub(crate) use envelope::encode;
pub use envelope::{Envelope, Signature};
pub use error::DsseError;
pub use material::{Material, SignedExtensions, is_signable};
pub use pae::pae;
pub(crate) use writer::Writer;

/// The payload type of the extension's version 0.1, which its envelopes name and sign.
pub const PAYLOAD_TYPE: &str = "https://cloudevents.io/verifiability/dsse/v0.1";
