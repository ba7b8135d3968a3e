//! `consign` against a real broker.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod ensure;
mod reaching;
mod rig;
