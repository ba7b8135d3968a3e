//! Judging one event by itself: its signature, and what it says of its chain.

mod mode;
mod origin;
mod position;
mod verdict;
mod verifier;

pub use mode::{Mode, ModeError};
pub use origin::Origin;
pub(crate) use position::Position;
pub use verdict::{Alteration, Verdict};
pub(crate) use verifier::Examined;
pub use verifier::{VerifiedEvent, Verifier};
