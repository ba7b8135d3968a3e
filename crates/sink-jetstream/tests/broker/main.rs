//! The sink against real servers. Skipped, saying so, where there is none.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod acks;
mod broker;
mod elections;
mod leaf;
mod lies;
mod limits;
mod login;
mod outage;
mod proxied;
