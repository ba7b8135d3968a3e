//! Keys: the private one that signs, the public ones that verify, and the files they stand in.

mod error;
mod file;
mod id;
mod jwk;
mod public;
mod set;
mod sign;
mod signing;
mod validity;

pub use error::{KeyError, SignError};
pub use id::KeyId;
pub use public::PublicKey;
pub use set::PublicKeys;
pub use sign::Sign;
pub use signing::SigningKey;
pub use validity::Validity;
