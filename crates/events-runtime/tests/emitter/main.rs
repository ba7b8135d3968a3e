//! What an emitter promises its hosts.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bounds;
mod custody;
mod ending;
mod gate;
mod order;
