//! How a broker is reached, against real servers. Skipped, saying so, where there is none.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod broken;
mod context;
mod jwt;
mod login;
mod outage;
mod providers;
mod support;
mod tls;
