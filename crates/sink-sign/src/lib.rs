#![doc = include_str!("../README.md")]

mod attribute;
pub mod dsse;
mod key;

pub use key::{KeyError, KeyId, PublicKey, PublicKeys, Sign, SignError, SigningKey, Validity};
