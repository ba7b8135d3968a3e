//! Streams on a real server.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod ensure;
mod failures;
mod findings;
mod fixture;
mod history;
mod look;
mod refuse;
