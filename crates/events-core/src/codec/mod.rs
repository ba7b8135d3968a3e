//! Codecs between events and the forms they travel in: structured, batched and binary.
//!
//! Decoders are strict: what the CloudEvents specification forbids is refused with every
//! violation named. They are lossless too: data comes out bit for bit.

pub mod batch;
pub mod binary;
mod error;
pub mod http;
mod percent;
mod sdk;
pub mod structured;

pub use error::{DecodeError, Limits};
