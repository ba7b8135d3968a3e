//! Tokens and what they are good for.

mod confine;
mod keyring;
mod scope;
mod tenants;
mod token;
mod tokens;

pub(crate) use confine::{Foreign, confine};
pub use keyring::Keyring;
pub(crate) use scope::{Grant, Need};
pub use scope::{Scope, UnknownScope};
pub use tenants::Tenants;
pub use token::{InvalidToken, Token};
pub use tokens::Tokens;
