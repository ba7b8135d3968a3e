//! The sink, its redriver and the operators' handle, over a spool on the disk.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bench;
mod conformance;
mod full;
mod kinds;
mod operators;
mod order;
mod redrive;
mod restart;
mod senders;
mod signatures;
mod unreadable;
