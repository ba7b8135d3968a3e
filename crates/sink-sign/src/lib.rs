#![doc = include_str!("../README.md")]

mod attribute;
mod audit;
mod chain;
mod digits;
pub mod dsse;
mod key;
mod producer;
mod ranges;
mod signer;
mod sink;
mod verify;
mod voided;

pub use audit::{Audit, ChainReport, Fault, Finding, Line, Lines, Order, Origins, Report};
pub use key::{KeyError, KeyId, PublicKey, PublicKeys, Sign, SignError, SigningKey, Validity};
pub use producer::{ProducerId, ProducerIdError};
pub use ranges::{Ranges, RangesError};
pub use signer::{Config, Signer, SignerStatus};
pub use sink::SignSink;
pub use verify::{Alteration, Mode, ModeError, Origin, Verdict, VerifiedEvent, Verifier};
