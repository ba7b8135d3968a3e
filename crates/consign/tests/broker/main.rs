//! `consign` against a real broker.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod consumers;
mod doctor;
mod bench;
mod daemon;
mod ensure;
mod purge;
mod reaching;
mod rig;
mod status;
mod streams;
mod stalling;
