//! What signing promises, seen from outside: chains, verdicts, audits, tampering, and other
//! people's tools.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod audit;
mod chain;
mod conformance;
mod declare;
mod foreign;
mod support;
mod tamper;
mod vectors;
mod verify;
