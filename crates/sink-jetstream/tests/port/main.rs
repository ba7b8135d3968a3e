//! The sink over a publisher that answers by a script: no broker, and time that stands still.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod acks;
mod breaker;
mod errors;
mod scripted;
mod window;
