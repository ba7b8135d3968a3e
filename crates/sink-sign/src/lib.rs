#![doc = include_str!("../README.md")]

mod attribute;
mod chain;
pub mod dsse;
mod key;
mod ranges;
mod signer;
mod sink;

pub use key::{KeyError, KeyId, PublicKey, PublicKeys, Sign, SignError, SigningKey, Validity};
pub use ranges::{Ranges, RangesError};
pub use signer::{Config, Signer, SignerStatus};
pub use sink::SignSink;
